#pragma once

#include "learning/learning_kernels.hpp"

namespace ctnas {

extern const LearningKernels kBaselineLearningKernels;
#ifdef CTNAS_X86_KERNELS
extern const LearningKernels kAvx2LearningKernels;
extern const LearningKernels kAvx512LearningKernels;
#endif

}  // namespace ctnas
