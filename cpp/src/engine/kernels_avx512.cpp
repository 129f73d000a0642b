#include "engine/kernels_body.hpp"
#include "engine/kernels_sets.hpp"

namespace ctnas {

const Kernels kAvx512Kernels = make_kernels("avx512");

}  // namespace ctnas
