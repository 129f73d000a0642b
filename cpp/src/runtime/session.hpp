#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/model_source.hpp"
#include "runtime/onnxruntime_api.hpp"
#include "runtime/session_options.hpp"

namespace ctnas {

/// Element types by their number in the ONNX Runtime interface; others pass through as numbers.
enum class ElementType : abi::Enum { kFloat32 = 1, kUint8 = 2, kInt64 = 7 };

/// An input or output that a model declares; a dynamic dimension is -1.
struct TensorType {
  std::string name;
  ElementType element;
  std::vector<std::int64_t> dimensions;
};

/// Memory of the caller that a run reads or fills.
struct Tensor {
  const char* name;
  ElementType element;
  void* data;
  std::size_t bytes;
  std::array<std::int64_t, 4> shape;
  std::size_t rank;
};

/// A model that is ready to run.  Any number of threads may run it at the same time.
class Session {
 public:
  /// \throws FileError if the model is a file that cannot be read
  /// \throws ModelError if ONNX Runtime refuses the model
  Session(std::shared_ptr<const SessionOptions> options, const ModelSource& source);

  [[nodiscard]] const std::shared_ptr<const SessionOptions>& options() const { return options_; }
  [[nodiscard]] const std::vector<TensorType>& inputs() const noexcept { return inputs_; }
  [[nodiscard]] const std::vector<TensorType>& outputs() const noexcept { return outputs_; }
  [[nodiscard]] const std::map<std::string, std::string>& metadata() const { return metadata_; }
  [[nodiscard]] const abi::Api& api() const noexcept;
  [[nodiscard]] abi::Session* get() const noexcept { return handle_.get(); }

  /// Runs the model on `inputs` and writes to the memory of `outputs`, which both are the host's.
  /// \throws ModelError, or ProviderError on CUDA, with the runtime's text
  void run(std::span<const Tensor> inputs, std::span<const Tensor> outputs) const;

  /// Throws what `run` throws, for a run that failed with `error` in another way.
  [[noreturn]] void fail(const abi::CallError& error) const;

 private:
  std::shared_ptr<const SessionOptions> options_;
  abi::Handle<abi::Session> handle_;
  std::vector<TensorType> inputs_;
  std::vector<TensorType> outputs_;
  std::map<std::string, std::string> metadata_;
};

/// The runtime's view of memory that stays the caller's.
/// \param memory where it is
[[nodiscard]] abi::Handle<abi::Value> wrap(const abi::Api& api, const abi::MemoryInfo* memory,
                                           const Tensor& tensor);

/// What to do about a failure on a device; nothing unless it is for want of memory.
[[nodiscard]] std::string memory_hint(std::string_view failure);

}  // namespace ctnas
