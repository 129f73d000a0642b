#include "runtime/session_options.hpp"

#include <array>
#include <string_view>
#include <utility>

#include "runtime/runtime_state.hpp"

namespace ctnas {

namespace slot = abi::slot;

namespace {

/// Single precision, which results are promised in, rather than the tensor cores' TF32 with its 10
/// bits.  Runtimes before 1.18 know no such option.
void set_cuda_options(const abi::Api& api, abi::CudaOptions* cuda) {
  constexpr std::array keys{"device_id", "use_tf32"};
  constexpr std::array values{"0", "0"};
  try {
    // This is the only call whose text names the library that is missing.
    api.check(slot::kUpdateCudaProviderOptions, cuda, keys.data(), values.data(), keys.size());
  } catch (const abi::CallError& error) {
    if (std::string_view(error.what()).find("use_tf32") == std::string_view::npos) throw;
    api.check(slot::kUpdateCudaProviderOptions, cuda, keys.data(), values.data(), 1);
  }
}

/// The part of a message that people need; around it stands where the runtime was compiled.
std::string shorten(const std::string& message) {
  const std::size_t library = message.find("Failed to load library");
  if (library != std::string::npos) return message.substr(library);
  const std::size_t failure = message.find("CUDA failure");
  if (failure == std::string::npos) return message;
  return message.substr(failure, message.find(" ;", failure) - failure);
}

}  // namespace

SessionOptions::SessionOptions(Runtime runtime, Provider provider, std::string reason)
    : runtime_(runtime),
      provider_(provider),
      reason_(std::move(reason)),
      handle_(runtime.state().api.make<abi::SessionOptions>(slot::kCreateSessionOptions)) {
  const abi::Api& api = runtime.state().api;
  // The callers' threads do the parallel work: a pool in the session would only compete with them.
  api.check(slot::kSetIntraOpNumThreads, handle_.get(), 1);
  api.check(slot::kSetInterOpNumThreads, handle_.get(), 1);
  for (const char* key : {"session.intra_op.allow_spinning", "session.inter_op.allow_spinning"}) {
    api.check(slot::kAddSessionConfigEntry, handle_.get(), key, "0");
  }
  // Beyond the basic level, a sum and a layer normalization become one operator that takes twice as
  // long on the CPU, and a session takes half as long again to open.
  api.check(slot::kSetSessionGraphOptimizationLevel, handle_.get(),
            provider == Provider::kCuda ? abi::kOptimizeAll : abi::kOptimizeBasic);
  if (provider == Provider::kCuda) append_cuda();
}

void SessionOptions::append_cuda() {
  const abi::Api& api = runtime_.state().api;
  try {
    const auto cuda = api.make<abi::CudaOptions>(slot::kCreateCudaProviderOptions);
    set_cuda_options(api, cuda.get());
    api.check(slot::kSessionOptionsAppendExecutionProviderCudaV2, handle_.get(), cuda.get());
  } catch (const abi::CallError& error) {
    throw ProviderError("CUDA is not usable: " + shorten(error.what()));
  }
}

}  // namespace ctnas
