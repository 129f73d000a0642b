#include "engine/kernels.hpp"

#include <array>

#include "engine/kernels_sets.hpp"

namespace ctnas {
namespace {

/// Sets of loops, the fastest last, and nullptr.
using Sets = std::array<const Kernels*, 4>;

Sets find_runnable() noexcept {
  Sets sets{&kBaselineKernels};
#ifdef CTNAS_X86_KERNELS
  auto* next = sets.begin() + 1;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) *next++ = &kAvx2Kernels;
  if (__builtin_cpu_supports("avx512f")) *next = &kAvx512Kernels;
#endif
  return sets;
}

}  // namespace

const Kernels* const* runnable_kernels() noexcept {
  static const Sets sets = find_runnable();
  return sets.data();
}

const Kernels& fastest_kernels() noexcept {
  const Kernels* const* set = runnable_kernels();
  while (set[1] != nullptr) ++set;
  return **set;
}

}  // namespace ctnas
