#define CTNAS_PORTABLE_VECTORS
#include "learning/learning_kernels_body.hpp"
#include "portable_kernels.hpp"

namespace ctnas::testing {

const LearningKernels& portable_learning_kernels() noexcept {
  static constexpr LearningKernels kKernels = make_learning_kernels();
  return kKernels;
}

}  // namespace ctnas::testing
