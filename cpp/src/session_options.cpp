#include "session_options.hpp"

#include <utility>

#include "runtime_state.hpp"

namespace ctnas {

namespace slot = abi::slot;

namespace {

/// The part of a message that people need; before it stands where the runtime was compiled.
std::string shorten(const std::string& message) {
  const std::size_t cause = message.find("Failed to load library");
  return cause == std::string::npos ? message : message.substr(cause);
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
  const char* const key = "device_id";
  const char* const value = "0";
  try {
    const auto cuda = api.make<abi::CudaOptions>(slot::kCreateCudaProviderOptions);
    // The update is the only call whose text names the library that is missing.
    api.check(slot::kUpdateCudaProviderOptions, cuda.get(), &key, &value, 1);
    api.check(slot::kSessionOptionsAppendExecutionProviderCudaV2, handle_.get(), cuda.get());
  } catch (const abi::CallError& error) {
    throw ProviderError("CUDA is not usable: " + shorten(error.what()));
  }
}

}  // namespace ctnas
