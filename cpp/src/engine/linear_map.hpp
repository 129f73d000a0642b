#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <vector>

#include "engine/kernels.hpp"
#include "runtime/initializers.hpp"

namespace ctnas {

/// How many numbers a row of `width` takes up: a power of two of whole vectors of any instructions.
[[nodiscard]] constexpr std::size_t padded_width(std::size_t width) {
  return std::bit_ceil(std::max<std::size_t>(width, 16));
}

/// Rows of `blocks` blocks each, every block padded with zeros.
///
/// \param tensor [rows, blocks * width], or a vector [blocks * width]
/// \return [rows, blocks, padded_width(width)]
[[nodiscard]] std::vector<float> pad_rows(const Initializer& tensor, std::size_t blocks);

/// A matrix whose blocks of rows and of columns are padded with zeros.
struct PaddedMatrix {
  std::size_t rows;
  std::size_t columns;
  std::vector<float> values;  ///< [rows, columns]
};

/// \param matrix [row_blocks * height, column_blocks * width]
[[nodiscard]] PaddedMatrix pad_matrix(const Initializer& matrix, std::size_t row_blocks,
                                      std::size_t column_blocks);

/// x -> x W + b as the loops take it: outputs in panels of whole vectors.
class LinearMap {
 public:
  /// \param weight [inputs, outputs]
  /// \param bias [outputs], or empty for none
  LinearMap(const PaddedMatrix& weight, std::vector<float> bias, const Kernels& kernels);

  [[nodiscard]] std::size_t outputs() const { return outputs_; }
  [[nodiscard]] LinearView view() const {
    return {inputs_, outputs_, panel_vectors_, weight_.data(), bias_.data()};
  }

 private:
  std::size_t inputs_;
  std::size_t outputs_;
  std::size_t panel_vectors_;
  std::vector<float> weight_;  // [panels, inputs, outputs of a panel]
  std::vector<float> bias_;    // [outputs]
};

}  // namespace ctnas
