#include "kernels_body.hpp"
#include "kernels_sets.hpp"

namespace ctnas {

const Kernels kBaselineKernels = make_kernels("baseline");

}  // namespace ctnas
