#include "session.hpp"

#include <fstream>
#include <utility>

#include "ctnas/error.hpp"
#include "runtime_state.hpp"
#include "session_description.hpp"

namespace ctnas {
namespace {

namespace fs = std::filesystem;
namespace slot = abi::slot;

using SessionHandle = abi::Handle<abi::Session>;

void require_file(const fs::path& path) {
  std::error_code unreadable;
  if (!fs::exists(path, unreadable)) throw FileError(path.string() + ": no such file");
  if (fs::is_directory(path, unreadable)) throw FileError(path.string() + ": is a directory");
  if (!std::ifstream(path)) throw FileError(path.string() + ": cannot be read");
}

SessionHandle create(const SessionOptions& options, const ModelSource& source) {
  const Runtime::State& runtime = options.runtime().state();
  if (const auto* path = std::get_if<fs::path>(&source)) {
    require_file(*path);
    return runtime.api.make<abi::Session>(slot::kCreateSession, runtime.environment, path->c_str(),
                                          options.get());
  }
  const auto bytes = std::get<std::span<const std::byte>>(source);
  return runtime.api.make<abi::Session>(slot::kCreateSessionFromArray, runtime.environment,
                                        bytes.data(), bytes.size(), options.get());
}

SessionHandle open(const SessionOptions& options, const ModelSource& source) {
  try {
    return create(options, source);
  } catch (const abi::CallError& error) {
    const auto* path = std::get_if<fs::path>(&source);
    throw ModelError((path != nullptr ? path->string() + ": " : "") +
                     "ONNX Runtime cannot load the model: " + error.what());
  }
}

}  // namespace

Session::Session(std::shared_ptr<const SessionOptions> options, const ModelSource& source)
    : options_(std::move(options)), handle_(open(*options_, source)) {
  const Runtime::State& runtime = options_->runtime().state();
  inputs_ = describe_inputs(runtime, handle_.get());
  outputs_ = describe_outputs(runtime, handle_.get());
  metadata_ = read_metadata(runtime, handle_.get());
}

void Session::run(std::span<const Tensor> inputs, std::span<const Tensor> outputs) const {
  const bool is_on_cuda = options_->provider() == Provider::kCuda;
  try {
    if (is_on_cuda) {
      run_bound(inputs, outputs);
    } else {
      run_direct(inputs, outputs);
    }
  } catch (const abi::CallError& error) {
    if (is_on_cuda) throw ProviderError(std::string("CUDA cannot run the model: ") + error.what());
    throw ModelError(std::string("ONNX Runtime cannot run the model: ") + error.what());
  }
}

void Session::run_direct(std::span<const Tensor> inputs, std::span<const Tensor> outputs) const {
  std::vector<abi::Handle<abi::Value>> owners;
  std::vector<const char*> names;
  std::vector<abi::Value*> values;
  for (const auto tensors : {inputs, outputs}) {
    for (const Tensor& tensor : tensors) {
      values.push_back(owners.emplace_back(wrap(tensor)).get());
      names.push_back(tensor.name);
    }
  }
  const std::size_t first_output = inputs.size();
  options_->runtime().state().api.check(slot::kRun, handle_.get(), nullptr, names.data(),
                                        values.data(), inputs.size(), names.data() + first_output,
                                        outputs.size(), values.data() + first_output);
}

void Session::run_bound(std::span<const Tensor> inputs, std::span<const Tensor> outputs) const {
  const abi::Api& api = options_->runtime().state().api;
  const auto binding = api.make<abi::IoBinding>(slot::kCreateIoBinding, handle_.get());
  std::vector<abi::Handle<abi::Value>> owners;
  for (const Tensor& tensor : inputs) {
    const abi::Value* value = owners.emplace_back(wrap(tensor)).get();
    api.check(slot::kBindInput, binding.get(), tensor.name, value);
  }
  for (const Tensor& tensor : outputs) {
    const abi::Value* value = owners.emplace_back(wrap(tensor)).get();
    api.check(slot::kBindOutput, binding.get(), tensor.name, value);
  }
  api.check(slot::kSynchronizeBoundInputs, binding.get());
  api.check(slot::kRunWithBinding, handle_.get(), nullptr, binding.get());
  api.check(slot::kSynchronizeBoundOutputs, binding.get());
}

abi::Handle<abi::Value> Session::wrap(const Tensor& tensor) const {
  const Runtime::State& runtime = options_->runtime().state();
  return runtime.api.make<abi::Value>(slot::kCreateTensorWithDataAsOrtValue, runtime.cpu_memory,
                                      tensor.data, tensor.bytes, tensor.shape.data(), tensor.rank,
                                      static_cast<abi::Enum>(tensor.element));
}

}  // namespace ctnas
