#include "engine/kernels_body.hpp"
#include "engine/kernels_sets.hpp"

namespace ctnas {

const Kernels kAvx2Kernels = make_kernels("avx2");

}  // namespace ctnas
