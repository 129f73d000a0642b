#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "embedding/comparator_graph.hpp"
#include "engine/wiring.hpp"

namespace ctnas {

/// Graphs as lists of edges, and how data flows through them.
struct GraphLists {
  Wiring wiring;
  std::vector<std::uint32_t> level;  ///< [nodes], edges of the longest way to the node
  std::vector<std::uint8_t> starts;  ///< [nodes], 1 at inputs
  /// [nodes], 1 where something arrives from an input
  std::vector<std::uint8_t> reached;
  std::size_t views = 1;       ///< graphs of an architecture
  std::size_t operations = 0;  ///< above every operation id

  [[nodiscard]] std::size_t architectures() const { return wiring.graphs() / views; }
};

/// \throws InvalidInput
[[nodiscard]] GraphLists list_graphs(const GraphBatch& batch, const ComparatorSize& size,
                                     std::size_t views);

}  // namespace ctnas
