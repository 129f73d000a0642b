#include "learning/learning_kernels_body.hpp"
#include "learning/learning_kernels_sets.hpp"

namespace ctnas {

const LearningKernels kAvx2LearningKernels = make_learning_kernels();

}  // namespace ctnas
