#include "learning/learning_kernels_body.hpp"
#include "learning/learning_kernels_sets.hpp"

namespace ctnas {

const LearningKernels kBaselineLearningKernels = make_learning_kernels();

}  // namespace ctnas
