#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "ctnas/graph_batch.hpp"

namespace ctnas {

/// Removes the nodes that lie on no path from an input to an output, and closes the gaps.
///
/// Inputs and outputs always stay; the order of the remaining nodes is kept, and freed places at
/// the end become padding.  No path leads through padding.
///
/// \param batch graphs in topological order
/// \param nodes V of the graphs
/// \param adjacency [N, V, V], written
/// \param operations [N, V], written
void remove_dead_nodes(const GraphBatch& batch, std::size_t nodes,
                       std::span<std::uint8_t> adjacency, std::span<std::int64_t> operations);

}  // namespace ctnas
