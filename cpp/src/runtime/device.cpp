#include "runtime/device.hpp"

#include <string>
#include <utility>
#include <vector>

#include "ctnas/error.hpp"
#include "runtime/platform.hpp"
#include "runtime/runtime_state.hpp"

namespace ctnas {
namespace {

/// The slice of CUDA's runtime interface that ctnas calls.  All of it is as old as CUDA 4; 0 is
/// success everywhere.
struct CudaFunctions {
  int (*memcpy)(void* to, const void* from, std::size_t bytes, int kind);
  int (*stream_synchronize)(void* stream);
  const char* (*error_string)(int error);
};

constexpr int kDirectionByAddress = 4;  // cudaMemcpyDefault
constexpr std::nullptr_t kDefaultStream = nullptr;

template <typename Function>
Function find_function(const std::vector<std::filesystem::path>& libraries, const char* name) {
  for (const std::filesystem::path& library : libraries) {
    if (void* symbol = find_loaded_symbol(library, name)) return reinterpret_cast<Function>(symbol);
  }
  throw ProviderError(std::string("CUDA's runtime library with the function ") + name +
                      " is not loaded");
}

CudaFunctions find_cuda(const Runtime::State& runtime) {
  const auto libraries = cuda_runtime_libraries(library_of(runtime.api.address()));
  return {find_function<decltype(CudaFunctions::memcpy)>(libraries, "cudaMemcpy"),
          find_function<decltype(CudaFunctions::stream_synchronize)>(libraries,
                                                                     "cudaStreamSynchronize"),
          find_function<decltype(CudaFunctions::error_string)>(libraries, "cudaGetErrorString")};
}

/// A copy from pageable memory may return while the last of it is on its way to the device ("API
/// synchronization behavior" in CUDA's manual), and the provider's stream does not wait for the
/// default stream, in which it travels.
void copy_on_cuda(const CudaFunctions& cuda, void* to, const void* from, std::size_t bytes) {
  int error = cuda.memcpy(to, from, bytes, kDirectionByAddress);
  if (error == 0) error = cuda.stream_synchronize(kDefaultStream);
  if (error == 0) return;
  throw ProviderError("CUDA cannot copy " + std::to_string(bytes) +
                      " bytes: " + cuda.error_string(error));
}

}  // namespace

Device make_device(Runtime runtime, const char* name, Copy copy) {
  constexpr int kFirst = 0;
  return {
      runtime.state().api.make<abi::MemoryInfo>(abi::slot::kCreateMemoryInfo, name,
                                                abi::kArenaAllocator, kFirst, abi::kDefaultMemory),
      std::move(copy)};
}

Device open_cuda(Runtime runtime) {
  return make_device(
      runtime, "Cuda",
      [cuda = find_cuda(runtime.state())](void* to, const void* from, std::size_t bytes) {
        copy_on_cuda(cuda, to, from, bytes);
      });
}

}  // namespace ctnas
