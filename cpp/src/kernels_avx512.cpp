#include "kernels_body.hpp"
#include "kernels_sets.hpp"

namespace ctnas {

const Kernels kAvx512Kernels = make_kernels("avx512");

}  // namespace ctnas
