#pragma once

#include <cstddef>
#include <span>

#include "ctnas/graph_batch.hpp"
#include "ctnas/poll.hpp"

namespace ctnas {

/// First of the operation ids that stand for something: below are padding, input and output.
inline constexpr std::size_t kFirstOperation = 3;

/// Features of a graph, for some number of operation ids.
struct GraphFeatureSizes {
  std::size_t structure;
  std::size_t averages;
};

[[nodiscard]] GraphFeatureSizes graph_feature_sizes(std::size_t operations);

/// What is read off graphs without training. For T types, the ids from that of the input to
/// `operations - 1`, and the K operations among them, from `kFirstOperation` on:
///  - structure [N, 5 + 5 T + T^2 + 2 K]: edges; nodes on the longest and on the shortest path from
///    an input to the output, edges of a path in the mean, logarithm of their number; for each type
///    its nodes, edges in, edges out, edges from an input and edges to the output; edges from each
///    type to each other; nodes of each operation on the path that has most and on the one that has
///    fewest. 0 where no path leads to the output.
///  - averages [N, 3 K]: nodes of an operation on a path, in the mean over all paths; share of the
///    paths without it; how often a walk meets it that starts at the output and goes on to any
///    predecessor alike.
/// \param batch graphs of `nodes` nodes
/// \throws InvalidInput
void read_graph_features(const GraphBatch& batch, std::size_t nodes, std::size_t operations,
                         std::span<double> structure, std::span<double> averages,
                         std::size_t threads, const Poll& poll);

}  // namespace ctnas
