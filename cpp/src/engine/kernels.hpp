/// \file
/// The arithmetic of an exported encoder, compiled once for each set of vector instructions.
///
/// A runtime executes its graph densely: every node against every node, an operator at a time,
/// through memory.  An encoder of 32 features has so little to compute that this takes three times
/// as long as the arithmetic, which is why its few loops stand here.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ctnas {

/// Where the neighbors of a node stand in an array: successors in [successors, predecessors),
/// predecessors in [predecessors, end).
struct Neighborhood {
  std::uint32_t successors;
  std::uint32_t predecessors;
  std::uint32_t end;
};

/// Nodes whose features and messages are rows of a table.
struct NodeRows {
  const std::uint32_t* itself;        ///< row of each node
  const Neighborhood* neighborhoods;  ///< of each node
  const std::uint32_t* neighbors;     ///< rows of the neighbors
  std::uint32_t first_row;            ///< number of the row that the table begins with
};

/// x -> x W + b, laid out for one set of instructions; see LinearMap.
struct LinearView {
  std::size_t inputs;         ///< length of a row of x
  std::size_t outputs;        ///< length of a row of the result
  std::size_t panel_vectors;  ///< 1, 2 or 3 vectors of outputs make a panel
  const float* weight;        ///< [panels, inputs, outputs of a panel]
  const float* bias;          ///< [outputs]
};

/// A layer normalization of rows of `padded` numbers of which `width` are in use.
struct NormalizationView {
  std::size_t width;
  std::size_t padded;  ///< 16, 32, 64 or 128
  const float* gain;   ///< [padded], 0 beyond width
  const float* shift;  ///< [padded], 0 beyond width
};

/// Rows of a tile of a product.  Arrays that go through `multiply` are allocated in whole tiles.
inline constexpr std::size_t kTileRows = 8;

/// Most features of a node of which a convolution keeps all in registers.
inline constexpr std::size_t kMostFeatures = 128;

/// The loops for one set of instructions.  The result of a row does not depend on other rows.
struct Kernels {
  const char* name;
  std::size_t lanes;  ///< numbers in a vector; widths are padded to multiples of it

  /// y [rows, outputs] = x [rows, inputs] W + b, negative results set to 0 where `is_rectified`;
  /// reads and writes up to the end of the last tile.
  void (*multiply)(const LinearView& map, const float* x, std::size_t rows, bool is_rectified,
                   float* y);

  /// out[n] = norm(features[n] + relu(sum of messages[n, 0], [successors, 1], [predecessors, 2])).
  /// features [rows, padded], messages [rows, 3, padded]; `out` [count, padded] may be `features`.
  void (*convolve)(const NodeRows& nodes, std::size_t count, const float* features,
                   const float* messages, const NormalizationView& norm, float* out);

  /// out[n] = relu(table[n] + sum of table[successors]), rows of `width`.
  void (*add_successors)(const NodeRows& nodes, std::size_t count, const float* table,
                         std::size_t width, float* out);

  /// sum [width] += scale * row [width]
  void (*accumulate)(const float* row, float scale, std::size_t width, float* sum);
};

/// The loops that this processor can run, the fastest last; ends with nullptr.
[[nodiscard]] const Kernels* const* runnable_kernels() noexcept;

/// The fastest loops that this processor can run.
[[nodiscard]] const Kernels& fastest_kernels() noexcept;

}  // namespace ctnas
