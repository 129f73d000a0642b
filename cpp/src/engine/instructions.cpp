#include "engine/instructions.hpp"

namespace ctnas {

Instructions runnable_instructions() noexcept {
#ifdef CTNAS_X86_KERNELS
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) {
    return Instructions::kBaseline;
  }
  return __builtin_cpu_supports("avx512f") ? Instructions::kAvx512 : Instructions::kAvx2;
#else
  return Instructions::kBaseline;
#endif
}

}  // namespace ctnas
