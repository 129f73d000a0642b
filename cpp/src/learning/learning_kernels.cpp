#include "learning/learning_kernels.hpp"

#include <array>

#include "engine/instructions.hpp"
#include "learning/learning_kernels_sets.hpp"

namespace ctnas {
namespace {

using Sets = std::array<const LearningKernels*, 4>;

Sets find_runnable() noexcept {
  Sets sets{&kBaselineLearningKernels};
#ifdef CTNAS_X86_KERNELS
  const Instructions most = runnable_instructions();
  if (most >= Instructions::kAvx2) sets[1] = &kAvx2LearningKernels;
  if (most >= Instructions::kAvx512) sets[2] = &kAvx512LearningKernels;
#endif
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
