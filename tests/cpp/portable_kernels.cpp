#define CTNAS_PORTABLE_VECTORS
#include "portable_kernels.hpp"

#include "engine/kernels_body.hpp"

namespace ctnas::testing {

const Kernels& portable_kernels() noexcept {
  static constexpr Kernels kKernels = make_kernels("portable");
  return kKernels;
}

}  // namespace ctnas::testing
