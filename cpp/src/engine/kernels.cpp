#include "engine/kernels.hpp"

#include <array>

#include "engine/instructions.hpp"
#include "engine/kernels_sets.hpp"

namespace ctnas {
namespace {

/// Sets of loops, the fastest last, and nullptr.
using Sets = std::array<const Kernels*, 4>;

Sets find_runnable() noexcept {
  Sets sets{&kBaselineKernels};
#ifdef CTNAS_X86_KERNELS
  const Instructions most = runnable_instructions();
  if (most >= Instructions::kAvx2) sets[1] = &kAvx2Kernels;
  if (most >= Instructions::kAvx512) sets[2] = &kAvx512Kernels;
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
