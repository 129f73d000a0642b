/// \file
/// Calls into ONNX Runtime: typed, with failures as exceptions and objects as owning handles.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "ctnas/error.hpp"
#include "runtime/onnxruntime_abi.hpp"
#include "runtime/platform.hpp"

namespace ctnas::abi {

/// A call into ONNX Runtime failed; the text is the runtime's own.
class CallError : public Error {
 public:
  using Error::Error;
};

class Api;

/// Frees an object in the process that made it.  A forked child leaves it alone: the threads that
/// the object may wait for do not exist there.
template <typename Object>
struct Release {
  const Api* api;
  int owner = process_id();
  void operator()(Object* object) const noexcept;
};

template <typename Object>
using Handle = std::unique_ptr<Object, Release<Object>>;

/// The function table of a loaded library.
class Api {
 public:
  explicit Api(const void* const* table) : table_(table) {}

  template <typename Result, typename... Parameters>
  Result call(Slot<Result(Parameters...)> slot,
              std::type_identity_t<Parameters>... arguments) const {
    using Function = Result (*)(Parameters...);
    return reinterpret_cast<Function>(const_cast<void*>(table_[slot.index]))(arguments...);
  }

  /// Throws CallError if the function reports a failure.
  template <typename... Parameters>
  void check(Slot<Status*(Parameters...)> slot,
             std::type_identity_t<Parameters>... arguments) const {
    if (Status* status = call(slot, arguments...)) fail(status);
  }

  /// Calls a function whose last parameter receives a new object.
  template <typename Object, typename Function, typename... Arguments>
  [[nodiscard]] Handle<Object> make(Slot<Function> slot, Arguments... arguments) const {
    Object* object = nullptr;
    check(slot, arguments..., &object);
    return Handle<Object>(object, Release<Object>{this});
  }

  /// Calls a function whose last parameter receives a plain value.
  template <typename Value, typename Function, typename... Arguments>
  [[nodiscard]] Value get(Slot<Function> slot, Arguments... arguments) const {
    Value value{};
    check(slot, arguments..., &value);
    return value;
  }

  /// A place inside the loaded library.
  [[nodiscard]] const void* address() const noexcept { return table_; }

 private:
  [[noreturn]] void fail(Status* status) const;

  const void* const* table_;
};

template <typename Object>
void Release<Object>::operator()(Object* object) const noexcept {
  if (process_id() == owner) api->call(slot::kRelease<Object>, object);
}

/// The error lines that ONNX Runtime logged on this thread since the last call, joined.
[[nodiscard]] std::string take_log();

/// Receives what ONNX Runtime would print on standard error.
void keep_log(void* user, Enum severity, const char* category, const char* log_id,
              const char* location, const char* message) noexcept;

}  // namespace ctnas::abi
