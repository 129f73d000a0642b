#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace ctnas {

/// Memory for numbers that is kept from one step to the next.
class LearnedArray {
 public:
  /// Makes room; what it holds is undefined.
  float* reserve(std::size_t count) {
    if (values_.size() < count) values_.resize(count);
    return values_.data();
  }

  /// Makes room for zeros.
  float* clear(std::size_t count) {
    float* const values = reserve(count);
    std::fill_n(values, count, 0.0F);
    return values;
  }

  [[nodiscard]] float* data() { return values_.data(); }
  [[nodiscard]] const float* data() const { return values_.data(); }

 private:
  std::vector<float> values_;
};

/// to [columns, rows] = from [rows, columns], transposed.
inline void transpose(const float* from, std::size_t rows, std::size_t columns, float* to) {
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      to[column * rows + row] = from[row * columns + column];
    }
  }
}

}  // namespace ctnas
