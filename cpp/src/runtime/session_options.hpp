#pragma once

#include <string>

#include "ctnas/provider.hpp"
#include "ctnas/runtime.hpp"
#include "runtime/onnxruntime_api.hpp"

namespace ctnas {

/// How sessions run: one thread each, on one provider.  Serves any number of sessions.
class SessionOptions {
 public:
  /// \param provider kCpu or kCuda
  /// \param reason why that provider, for people
  /// \throws ProviderError if CUDA is not usable; the text names the missing library
  SessionOptions(Runtime runtime, Provider provider, std::string reason);

  [[nodiscard]] Runtime runtime() const noexcept { return runtime_; }
  [[nodiscard]] Provider provider() const noexcept { return provider_; }
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }
  [[nodiscard]] const abi::SessionOptions* get() const noexcept { return handle_.get(); }

 private:
  void append_cuda();

  Runtime runtime_;
  Provider provider_;
  std::string reason_;
  abi::Handle<abi::SessionOptions> handle_;
};

}  // namespace ctnas
