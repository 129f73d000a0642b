/// \file
/// Products of `LearningKernels`, for the instructions that the including file is compiled for.
#pragma once

#include "engine/vectors.hpp"
#include "learning/learning_kernels.hpp"

namespace ctnas {
namespace {

/// Rows of which a product with the transpose takes in at once: they stay in the first cache.
constexpr std::size_t kOuterRows = 64;

template <std::size_t rows, std::size_t vectors>
inline void product_tile(const ProductSize& size, const float* x, const float* weight,
                         const float* bias, bool adds, float* y) {
  Vector sums[rows][vectors];
#pragma GCC unroll 8
  for (std::size_t row = 0; row < rows; ++row) {
#pragma GCC unroll 3
    for (std::size_t v = 0; v < vectors; ++v) {
      sums[row][v] = bias == nullptr ? Vector{} : load<Vector>(bias + v * kLanes);
    }
  }
  for (std::size_t k = 0; k < size.inputs; ++k) {
    Vector factor[vectors];
#pragma GCC unroll 3
    for (std::size_t v = 0; v < vectors; ++v) {
      factor[v] = load<Vector>(weight + k * size.outputs + v * kLanes);
    }
#pragma GCC unroll 8
    for (std::size_t row = 0; row < rows; ++row) {
      const float value = x[row * size.inputs + k];
#pragma GCC unroll 3
      for (std::size_t v = 0; v < vectors; ++v) sums[row][v] += value * factor[v];
    }
  }
#pragma GCC unroll 8
  for (std::size_t row = 0; row < rows; ++row) {
#pragma GCC unroll 3
    for (std::size_t v = 0; v < vectors; ++v) {
      float* const to = y + row * size.outputs + v * kLanes;
      store(adds ? sums[row][v] + load<Vector>(to) : sums[row][v], to);
    }
  }
}

template <std::size_t vectors>
void multiply_columns(const ProductSize& size, const float* x, const float* weight,
                      const float* bias, bool adds, float* y) {
  for (std::size_t column = 0; column < size.outputs; column += vectors * kLanes) {
    const float* const panel = weight + column;
    const float* const offset = bias == nullptr ? nullptr : bias + column;
    std::size_t row = 0;
    for (; row + kRegisterRows <= size.rows; row += kRegisterRows) {
      product_tile<kRegisterRows, vectors>(size, x + row * size.inputs, panel, offset, adds,
                                           y + row * size.outputs + column);
    }
    for (; row < size.rows; ++row) {
      product_tile<1, vectors>(size, x + row * size.inputs, panel, offset, adds,
                               y + row * size.outputs + column);
    }
  }
}

/// Adds a tile [tile_inputs, vectors] of x^T y over some rows.
template <std::size_t tile_inputs, std::size_t vectors>
inline void outer_tile(const ProductSize& size, std::size_t rows, const float* x, const float* y,
                       float* weight) {
  Vector sums[tile_inputs][vectors];
#pragma GCC unroll 8
  for (std::size_t k = 0; k < tile_inputs; ++k) {
#pragma GCC unroll 3
    for (std::size_t v = 0; v < vectors; ++v) {
      sums[k][v] = load<Vector>(weight + k * size.outputs + v * kLanes);
    }
  }
  for (std::size_t row = 0; row < rows; ++row) {
    Vector factor[vectors];
#pragma GCC unroll 3
    for (std::size_t v = 0; v < vectors; ++v) {
      factor[v] = load<Vector>(y + row * size.outputs + v * kLanes);
    }
#pragma GCC unroll 8
    for (std::size_t k = 0; k < tile_inputs; ++k) {
      const float value = x[row * size.inputs + k];
#pragma GCC unroll 3
      for (std::size_t v = 0; v < vectors; ++v) sums[k][v] += value * factor[v];
    }
  }
#pragma GCC unroll 8
  for (std::size_t k = 0; k < tile_inputs; ++k) {
#pragma GCC unroll 3
    for (std::size_t v = 0; v < vectors; ++v) {
      store(sums[k][v], weight + k * size.outputs + v * kLanes);
    }
  }
}

template <std::size_t vectors>
void add_outer_columns(const ProductSize& size, const float* x, const float* y, float* weight) {
  for (std::size_t first = 0; first < size.rows; first += kOuterRows) {
    const std::size_t left = size.rows - first;
    const std::size_t rows = left < kOuterRows ? left : kOuterRows;
    for (std::size_t column = 0; column < size.outputs; column += vectors * kLanes) {
      for (std::size_t k = 0; k < size.inputs; k += kRegisterRows) {
        outer_tile<kRegisterRows, vectors>(size, rows, x + first * size.inputs + k,
                                           y + first * size.outputs + column,
                                           weight + k * size.outputs + column);
      }
    }
  }
}

void multiply(const ProductSize& size, const float* x, const float* weight, const float* bias,
              bool adds, float* y) {
  const std::size_t vectors = size.outputs / kLanes;
  if (vectors % 3 == 0) return multiply_columns<3>(size, x, weight, bias, adds, y);
  if (vectors % 2 == 0) return multiply_columns<2>(size, x, weight, bias, adds, y);
  return multiply_columns<1>(size, x, weight, bias, adds, y);
}

void add_outer(const ProductSize& size, const float* x, const float* y, float* weight) {
  static_assert(kLearningPadding % kRegisterRows == 0);
  const std::size_t vectors = size.outputs / kLanes;
  if (vectors % 3 == 0) return add_outer_columns<3>(size, x, y, weight);
  if (vectors % 2 == 0) return add_outer_columns<2>(size, x, y, weight);
  return add_outer_columns<1>(size, x, y, weight);
}

void accumulate(const float* row, float scale, std::size_t width, float* sum) {
  for (std::size_t column = 0; column < width; column += kLanes) {
    const Vector term = load<Vector>(row + column) * scale;
    store(load<Vector>(sum + column) + term, sum + column);
  }
}

void add_columns(const float* rows, std::size_t count, std::size_t width, float* sum) {
  for (std::size_t row = 0; row < count; ++row) accumulate(rows + row * width, 1.0F, width, sum);
}

void add_rows(const float* from, const std::uint32_t* row, std::size_t count, std::size_t width,
              float* to) {
  for (std::size_t n = 0; n < count; ++n) {
    accumulate(from + n * width, 1.0F, width, to + row[n] * width);
  }
}

float dot(const float* a, const float* b, std::size_t width) {
  Vector sum{};
  for (std::size_t column = 0; column < width; column += kLanes) {
    sum += load<Vector>(a + column) * load<Vector>(b + column);
  }
  return add_lanes<kLanes>(sum);
}

}  // namespace
}  // namespace ctnas
