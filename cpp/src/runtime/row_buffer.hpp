#pragma once

#include <cstddef>
#include <vector>

#include "engine/kernels.hpp"

namespace ctnas {

/// Memory for rows that a product reads or writes, which it does in whole tiles.
class RowBuffer {
 public:
  /// Makes room; what the rows hold is undefined afterwards.
  float* reserve(std::size_t rows, std::size_t width) {
    const std::size_t needed = (rows + kTileRows) * width;
    if (values_.size() < needed) values_.resize(needed);
    return values_.data();
  }

  [[nodiscard]] float* data() { return values_.data(); }

 private:
  std::vector<float> values_;
};

}  // namespace ctnas
