/// \file
/// The loops of `Kernels`, for the instructions that the including file is compiled for.
/// Nothing of the standard library is used here, for the reason given in vectors.hpp.
#pragma once

#include "engine/kernels.hpp"
#include "engine/vectors.hpp"

namespace ctnas {
namespace {

static_assert(kTileRows % kRegisterRows == 0);

template <std::size_t vectors>
inline void multiply_tile(const LinearView& map, const float* x, const float* panel,
                          const float* bias, bool is_rectified, float* y) {
  Vector sums[kRegisterRows][vectors];
#pragma GCC unroll 8
  for (std::size_t row = 0; row < kRegisterRows; ++row) {
#pragma GCC unroll 3
    for (std::size_t v = 0; v < vectors; ++v) sums[row][v] = load<Vector>(bias + v * kLanes);
  }
  for (std::size_t k = 0; k < map.inputs; ++k) {
    const float* weights = panel + k * vectors * kLanes;
    Vector weight[vectors];
#pragma GCC unroll 3
    for (std::size_t v = 0; v < vectors; ++v) weight[v] = load<Vector>(weights + v * kLanes);
#pragma GCC unroll 8
    for (std::size_t row = 0; row < kRegisterRows; ++row) {
      const float factor = x[row * map.inputs + k];
#pragma GCC unroll 3
      for (std::size_t v = 0; v < vectors; ++v) sums[row][v] += factor * weight[v];
    }
  }
#pragma GCC unroll 8
  for (std::size_t row = 0; row < kRegisterRows; ++row) {
#pragma GCC unroll 3
    for (std::size_t v = 0; v < vectors; ++v) {
      const Vector sum = is_rectified ? rectify(sums[row][v]) : sums[row][v];
      store(sum, y + row * map.outputs + v * kLanes);
    }
  }
}

/// A panel of weights stays in the first cache while all rows pass by.
template <std::size_t vectors>
void multiply_panels(const LinearView& map, const float* x, std::size_t rows, bool is_rectified,
                     float* y) {
  constexpr std::size_t kPanel = vectors * kLanes;
  for (std::size_t column = 0; column < map.outputs; column += kPanel) {
    const float* panel = map.weight + column * map.inputs;
    for (std::size_t row = 0; row < rows; row += kRegisterRows) {
      multiply_tile<vectors>(map, x + row * map.inputs, panel, map.bias + column, is_rectified,
                             y + row * map.outputs + column);
    }
  }
}

void multiply(const LinearView& map, const float* x, std::size_t rows, bool is_rectified,
              float* y) {
  switch (map.panel_vectors) {
    case 1:
      return multiply_panels<1>(map, x, rows, is_rectified, y);
    case 2:
      return multiply_panels<2>(map, x, rows, is_rectified, y);
    default:
      return multiply_panels<3>(map, x, rows, is_rectified, y);
  }
}

/// Features of a node, in registers.
template <std::size_t vectors>
struct Row {
  Vector part[vectors];

  void add(const float* row) {
#pragma GCC unroll 32
    for (std::size_t v = 0; v < vectors; ++v) part[v] += load<Vector>(row + v * kLanes);
  }
};

/// Brings a row to mean 0 and variance 1, then scales and shifts it.
template <std::size_t vectors>
inline void normalize(const Row<vectors>& row, const NormalizationView& norm, float* out) {
  constexpr float kEpsilon = 1e-5F;
  const float share = 1.0F / static_cast<float>(norm.width);
  const auto unused = static_cast<float>(norm.padded - norm.width);
  Vector total{};
#pragma GCC unroll 32
  for (std::size_t v = 0; v < vectors; ++v) total += row.part[v];
  const float mean = add_lanes<kLanes>(total) * share;
  Vector squares{};
#pragma GCC unroll 32
  for (std::size_t v = 0; v < vectors; ++v) {
    const Vector deviation = row.part[v] - mean;
    squares += deviation * deviation;
  }
  const float variance = (add_lanes<kLanes>(squares) - unused * (mean * mean)) * share;
  const float factor = 1.0F / square_root(variance + kEpsilon);
#pragma GCC unroll 32
  for (std::size_t v = 0; v < vectors; ++v) {
    const Vector gain = load<Vector>(norm.gain + v * kLanes) * factor;
    const Vector shift = load<Vector>(norm.shift + v * kLanes);
    store((row.part[v] - mean) * gain + shift, out + v * kLanes);
  }
}

template <std::size_t vectors>
void convolve_rows(const NodeRows& nodes, std::size_t count, const float* features,
                   const float* messages, const NormalizationView& norm, float* out) {
  constexpr std::size_t kWidth = vectors * kLanes;
  for (std::size_t node = 0; node < count; ++node) {
    const Neighborhood& near = nodes.neighborhoods[node];
    const std::size_t itself = nodes.itself[node] - nodes.first_row;
    Row<vectors> row{};
    row.add(messages + itself * 3 * kWidth);
    for (std::uint32_t edge = near.successors; edge < near.predecessors; ++edge) {
      const std::size_t neighbor = nodes.neighbors[edge] - nodes.first_row;
      row.add(messages + (neighbor * 3 + 1) * kWidth);
    }
    for (std::uint32_t edge = near.predecessors; edge < near.end; ++edge) {
      const std::size_t neighbor = nodes.neighbors[edge] - nodes.first_row;
      row.add(messages + (neighbor * 3 + 2) * kWidth);
    }
#pragma GCC unroll 32
    for (std::size_t v = 0; v < vectors; ++v) row.part[v] = rectify(row.part[v]);
    row.add(features + itself * kWidth);
    normalize(row, norm, out + node * kWidth);
  }
}

void convolve(const NodeRows& nodes, std::size_t count, const float* features,
              const float* messages, const NormalizationView& norm, float* out) {
  switch (norm.padded) {
    case 16:
      return convolve_rows<16 / kLanes>(nodes, count, features, messages, norm, out);
    case 32:
      return convolve_rows<32 / kLanes>(nodes, count, features, messages, norm, out);
    case 64:
      return convolve_rows<64 / kLanes>(nodes, count, features, messages, norm, out);
    default:
      static_assert(kMostFeatures == 128);
      return convolve_rows<128 / kLanes>(nodes, count, features, messages, norm, out);
  }
}

void add_successors(const NodeRows& nodes, std::size_t count, const float* table, std::size_t width,
                    float* out) {
  for (std::size_t node = 0; node < count; ++node) {
    const Neighborhood& near = nodes.neighborhoods[node];
    const std::size_t itself = nodes.itself[node] - nodes.first_row;
    for (std::size_t column = 0; column < width; column += kLanes) {
      Vector sum = load<Vector>(table + itself * width + column);
      for (std::uint32_t edge = near.successors; edge < near.predecessors; ++edge) {
        const std::size_t neighbor = nodes.neighbors[edge] - nodes.first_row;
        sum += load<Vector>(table + neighbor * width + column);
      }
      store(rectify(sum), out + node * width + column);
    }
  }
}

void accumulate(const float* row, float scale, std::size_t width, float* sum) {
  for (std::size_t column = 0; column < width; column += kLanes) {
    const Vector term = load<Vector>(row + column) * scale;
    store(load<Vector>(sum + column) + term, sum + column);
  }
}

constexpr Kernels make_kernels(const char* name) {
  return {name, kLanes, multiply, convolve, add_successors, accumulate};
}

}  // namespace
}  // namespace ctnas
