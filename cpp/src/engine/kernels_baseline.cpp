#include "engine/kernels_body.hpp"
#include "engine/kernels_sets.hpp"

namespace ctnas {

const Kernels kBaselineKernels = make_kernels("baseline");

}  // namespace ctnas
