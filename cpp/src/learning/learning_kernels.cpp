#include "learning/learning_kernels.hpp"

#include <array>

#include "learning/learning_kernels_sets.hpp"

namespace ctnas {
namespace {

using Sets = std::array<const LearningKernels*, 4>;

/// The same instructions as those of an exported encoder.
Sets find_runnable() noexcept {
  Sets sets{};
  auto* next = sets.begin();
  for (const Kernels* const* set = runnable_kernels(); *set != nullptr; ++set) {
#ifdef CTNAS_X86_KERNELS
    if ((*set)->lanes == kAvx2LearningKernels.lanes) *next++ = &kAvx2LearningKernels;
    if ((*set)->lanes == kAvx512LearningKernels.lanes) *next++ = &kAvx512LearningKernels;
#endif
    if ((*set)->lanes == kBaselineLearningKernels.lanes) *next++ = &kBaselineLearningKernels;
  }
  return sets;
}

}  // namespace

const LearningKernels* const* runnable_learning_kernels() noexcept {
  static const Sets sets = find_runnable();
  return sets.data();
}

const LearningKernels& learning_kernels() noexcept {
  const LearningKernels* const* set = runnable_learning_kernels();
  while (set[1] != nullptr) ++set;
  return **set;
}

}  // namespace ctnas
