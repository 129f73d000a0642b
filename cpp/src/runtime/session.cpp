#include "runtime/session.hpp"

#include <fstream>
#include <utility>

#include "ctnas/error.hpp"
#include "runtime/runtime_state.hpp"
#include "runtime/session_description.hpp"

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

const abi::Api& Session::api() const noexcept { return options_->runtime().state().api; }

void Session::run(std::span<const Tensor> inputs, std::span<const Tensor> outputs) const {
  const abi::MemoryInfo* host = options_->runtime().state().cpu_memory;
  std::vector<abi::Handle<abi::Value>> owners;
  std::vector<const char*> names;
  std::vector<abi::Value*> values;
  try {
    for (const auto tensors : {inputs, outputs}) {
      for (const Tensor& tensor : tensors) {
        values.push_back(owners.emplace_back(wrap(api(), host, tensor)).get());
        names.push_back(tensor.name);
      }
    }
    const std::size_t first_output = inputs.size();
    api().check(slot::kRun, handle_.get(), nullptr, names.data(), values.data(), inputs.size(),
                names.data() + first_output, outputs.size(), values.data() + first_output);
  } catch (const abi::CallError& error) {
    fail(error);
  }
}

void Session::fail(const abi::CallError& error) const {
  const std::string text = error.what();
  if (options_->provider() != Provider::kCuda) {
    throw ModelError("ONNX Runtime cannot run the model: " + text);
  }
  throw ProviderError("CUDA cannot run the model: " + text + memory_hint(text));
}

abi::Handle<abi::Value> wrap(const abi::Api& api, const abi::MemoryInfo* memory,
                             const Tensor& tensor) {
  return api.make<abi::Value>(slot::kCreateTensorWithDataAsOrtValue, memory, tensor.data,
                              tensor.bytes, tensor.shape.data(), tensor.rank,
                              static_cast<abi::Enum>(tensor.element));
}

std::string memory_hint(std::string_view failure) {
  // The runtime's arena reports the first, CUDA itself the second.
  for (const char* sign : {"Failed to allocate memory", "out of memory"}) {
    if (failure.find(sign) != std::string_view::npos) {
      return "; the device has too little free memory: ask for a smaller chunk, or for the CPU";
    }
  }
  return "";
}

}  // namespace ctnas
