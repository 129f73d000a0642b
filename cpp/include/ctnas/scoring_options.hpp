#pragma once

#include <cstddef>

#include "ctnas/provider.hpp"

namespace ctnas {

/// How a model runs over a batch.  None of it changes a result on the CPU, by a single bit.
struct ScoringOptions {
  Provider provider = Provider::kAuto;
  std::size_t threads = 0;  ///< 0: one for each core on the CPU, one on CUDA
  std::size_t chunk = 0;    ///< rows of one run; 0: as many as are fastest
};

}  // namespace ctnas
