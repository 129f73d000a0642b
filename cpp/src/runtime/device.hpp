#pragma once

#include <cstddef>
#include <functional>

#include "ctnas/runtime.hpp"
#include "runtime/onnxruntime_api.hpp"

namespace ctnas {

/// Copies bytes between the memory of a device and that of the host, in either direction, and
/// returns when they are there.  Throws ProviderError.
using Copy = std::function<void(void* to, const void* from, std::size_t bytes)>;

/// The memory that a session computes in, and the way into it and out of it.
struct Device {
  abi::Handle<abi::MemoryInfo> memory;
  Copy copy;
};

/// The memory that ONNX Runtime knows by `name`: "Cpu" or "Cuda", of which the first device.
[[nodiscard]] Device make_device(Runtime runtime, const char* name, Copy copy);

/// The GPU.
///
/// ONNX Runtime's interface allocates memory of a device but cannot fill it; its documentation has
/// users call `cudaMemcpy`.  That function is taken from the very library that the execution
/// provider is linked with, so that ctnas itself needs no CUDA to be built or to run.
/// \throws ProviderError if the provider is not loaded or does not expose the function
[[nodiscard]] Device open_cuda(Runtime runtime);

}  // namespace ctnas
