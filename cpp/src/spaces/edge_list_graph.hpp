#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ctnas {

/// One architecture graph as lists.
struct EdgeListGraph {
  struct Edge {
    std::uint16_t source;
    std::uint16_t target;
  };
  std::vector<std::int32_t> operations;  ///< of the nodes that exist, in topological order
  std::vector<Edge> edges;               ///< ascending by target, then by source

  void clear() {
    operations.clear();
    edges.clear();
  }
};

/// Writes a graph as matrix [V, V] and operations [V].
void write_dense(const EdgeListGraph& graph, std::span<std::uint8_t> adjacency,
                 std::span<std::int64_t> operations);

/// Equal for equal graphs.
[[nodiscard]] std::uint64_t exact_hash(const EdgeListGraph& graph);

/// Equal for isomorphic graphs: nodes are refined by their neighbors as many times as there are
/// nodes, as the published hash of NAS-Bench-101 does with MD5.
[[nodiscard]] std::uint64_t isomorphism_hash(const EdgeListGraph& graph);

}  // namespace ctnas
