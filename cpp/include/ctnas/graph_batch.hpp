#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ctnas {

/// Architectures as graphs; a view of N graphs of V nodes each.
struct GraphBatch {
  std::span<const std::uint8_t> adjacency;   ///< [N, V, V]; [n, i, j] = 1 for i < j: i feeds j
  std::span<const std::int64_t> operations;  ///< [N, V]; operation of each node, 0 is padding
};

/// Architectures as graphs, with the memory that they live in.
struct ArchitectureGraphs {
  std::vector<std::uint8_t> adjacency;   ///< [N, V, V]
  std::vector<std::int64_t> operations;  ///< [N, V]

  /// Valid for as long as neither vector is changed.
  [[nodiscard]] GraphBatch batch() const noexcept { return {adjacency, operations}; }
};

}  // namespace ctnas
