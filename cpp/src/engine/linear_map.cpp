#include "engine/linear_map.hpp"

#include <algorithm>
#include <utility>

namespace ctnas {
namespace {

/// As many vectors as divide the outputs: three make the best use of the registers.
std::size_t choose_panel_vectors(std::size_t vectors) {
  if (vectors % 3 == 0) return 3;
  return vectors % 2 == 0 ? 2 : 1;
}

}  // namespace

std::vector<float> pad_rows(const Initializer& tensor, std::size_t blocks) {
  const std::size_t width = tensor.shape.back() / blocks;
  const std::size_t padded = padded_width(width);
  const std::size_t count = tensor.values.size() / width;
  std::vector<float> rows(count * padded);
  for (std::size_t block = 0; block < count; ++block) {
    std::copy_n(tensor.values.data() + block * width, width, rows.data() + block * padded);
  }
  return rows;
}

PaddedMatrix pad_matrix(const Initializer& matrix, std::size_t row_blocks,
                        std::size_t column_blocks) {
  const std::vector<float> wide = pad_rows(matrix, column_blocks);
  const std::size_t columns = wide.size() / matrix.shape.front();
  const std::size_t height = matrix.shape.front() / row_blocks;
  PaddedMatrix padded{row_blocks * padded_width(height), columns, {}};
  padded.values.resize(padded.rows * columns);
  for (std::size_t block = 0; block < row_blocks; ++block) {
    std::copy_n(wide.data() + block * height * columns, height * columns,
                padded.values.data() + block * padded_width(height) * columns);
  }
  return padded;
}

LinearMap::LinearMap(const PaddedMatrix& weight, std::vector<float> bias, const Kernels& kernels)
    : inputs_(weight.rows),
      outputs_(weight.columns),
      panel_vectors_(choose_panel_vectors(weight.columns / kernels.lanes)),
      bias_(std::move(bias)) {
  bias_.resize(outputs_);
  const std::size_t panel = panel_vectors_ * kernels.lanes;
  weight_.reserve(weight.values.size());
  for (std::size_t column = 0; column < outputs_; column += panel) {
    for (std::size_t input = 0; input < inputs_; ++input) {
      const float* row = weight.values.data() + input * outputs_ + column;
      weight_.insert(weight_.end(), row, row + panel);
    }
  }
}

}  // namespace ctnas
