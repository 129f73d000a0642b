#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ctnas/graph_batch.hpp"
#include "engine/kernels.hpp"

namespace ctnas {

/// The edges of some graphs as lists; nodes that exist or have an edge, numbered through.
struct Wiring {
  std::vector<std::uint32_t> first_node;    ///< [graphs + 1]
  std::vector<std::uint32_t> operation;     ///< [nodes]
  std::vector<Neighborhood> neighborhoods;  ///< [nodes]
  std::vector<std::uint32_t> neighbors;     ///< [2 * edges], numbers of nodes, ascending in a list

  [[nodiscard]] std::size_t graphs() const { return first_node.size() - 1; }
  [[nodiscard]] std::size_t nodes() const { return operation.size(); }
};

/// Turns matrices into lists.
class WiringReader {
 public:
  /// \param batch valid graphs
  /// \param nodes V of the graphs
  void read(const GraphBatch& batch, std::size_t nodes, Wiring& wiring);

 private:
  struct Edge {
    std::uint32_t from;
    std::uint32_t to;
  };

  void adjust_to(std::size_t nodes);
  void find_edges(const std::uint8_t* adjacency);
  void number_nodes(const std::int64_t* operations, Wiring& wiring);
  void list_neighbors(Wiring& wiring);

  std::size_t nodes_ = 0;
  std::vector<Edge> edge_at_;  // [V * V]
  std::vector<Edge> edges_;
  std::vector<std::uint32_t> successors_;    // [V], of a graph: how many, then where the next goes
  std::vector<std::uint32_t> predecessors_;  // [V], likewise
  std::vector<std::uint32_t> number_;        // [V]
};

}  // namespace ctnas
