#pragma once

#include "engine/kernels.hpp"

namespace ctnas {

extern const Kernels kBaselineKernels;  ///< what every processor of the platform can run
#ifdef CTNAS_X86_KERNELS
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;
#endif

}  // namespace ctnas
