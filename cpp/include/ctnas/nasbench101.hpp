/// \file
/// The cells of NAS-Bench-101 (appendix E): at most 7 vertices and 9 edges, no dead vertices.
/// Source: Ying et al., "NAS-Bench-101: Towards Reproducible Neural Architecture Search", 2019.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ctnas/poll.hpp"

namespace ctnas::nasbench101 {

inline constexpr std::size_t kMaxVertices = 7;
inline constexpr std::size_t kMaxEdges = 9;

/// Operation ids of a cell's graph.
enum Operation : std::uint8_t { kPadding, kInput, kOutput, kConv3x3, kConv1x1, kMaxPool3x3 };

/// A valid cell: vertices in topological order, the first is the input and the last the output, and
/// every one lies on a path between them.
struct Cell {
  std::uint8_t vertices = 0;
  std::array<std::uint8_t, kMaxVertices> successors{};  ///< bit j of [i], j > i: i feeds j
  std::array<std::uint8_t, kMaxVertices> operations{};  ///< Operation of each vertex

  bool operator==(const Cell&) const = default;
};

/// A cell read from a row of a graph batch: adjacency [7, 7] and operations [7].
/// \throws InvalidInput saying which rule the graph breaks
[[nodiscard]] Cell read_cell(std::span<const std::uint8_t> adjacency,
                             std::span<const std::int64_t> operations);

/// The inverse of `read_cell`; both spans are overwritten.
void write_cell(const Cell& cell, std::span<std::uint8_t> adjacency,
                std::span<std::int64_t> operations);

/// The cell without vertices that lie on no path from the input to the output.
/// `cell` may have such; the input must reach the output.
[[nodiscard]] Cell without_dead_vertices(const Cell& cell);

// A cell as decisions.  Every row is a valid cell, and every valid cell is a row:
//   [0, 5)   operation of each of the interior vertices 1..5: 0 none, 1 conv3x3, 2 conv1x1, 3 pool
//   [5, 10)  a predecessor of each of the vertices 2..6 (6 is the output): one of those before it
//   [10, 15) a further edge each: 0 none, else 1 + j (j - 1) / 2 + i for an edge from i to j
// A vertex without operation is none: what picks it as predecessor gets its own predecessor, and
// edges at it do not exist.  A vertex that feeds nothing feeds the output.  Of the further edges,
// the last ones are left out as long as there are more than 9; if there still are, then the last
// vertices that feed nothing are.
inline constexpr std::size_t kDecisions = 15;

/// The number of choices of each decision.
inline constexpr std::array<std::int16_t, kDecisions> kChoices{4, 4, 4,  4,  4,  2,  3, 4,
                                                               5, 6, 22, 22, 22, 22, 22};

/// The cell that a row of decisions stands for.
/// \throws InvalidInput naming a choice that does not exist
[[nodiscard]] Cell decode(std::span<const std::int16_t> row);

/// The same of a row [15] of choices that are known to exist.
[[nodiscard]] Cell decode_valid(const std::int16_t* row);

/// The one row that is chosen to stand for a cell; `decode` gives exactly the cell back.
void encode(const Cell& cell, std::span<std::int16_t> row);

/// The hash of a cell by which the published tables are indexed: equal for isomorphic cells.
using Hash = std::array<std::uint8_t, 16>;

/// \return [N] hashes
[[nodiscard]] std::vector<Hash> hash_cells(std::span<const Cell> cells, std::size_t threads,
                                           const Poll& poll);

/// All cells that are not isomorphic to each other, in ascending order of their hashes.
struct Enumeration {
  std::vector<Cell> cells;
  std::vector<Hash> hashes;
};

[[nodiscard]] Enumeration enumerate(std::size_t threads, const Poll& poll);

/// What the network of 3 stacks of 3 such cells costs on a 32x32 image, 128 channels first.
struct Costs {
  double madds = 0.0;       ///< of convolutions and the classifier
  double parameters = 0.0;  ///< trainable ones
};

[[nodiscard]] Costs network_costs(const Cell& cell);

}  // namespace ctnas::nasbench101
