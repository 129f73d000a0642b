#pragma once

#include <cstddef>
#include <span>

#include "ctnas/graph_batch.hpp"
#include "ctnas/poll.hpp"

namespace ctnas {

/// First of the operation ids that stand for something: below are padding, input and output.
inline constexpr std::size_t kFirstOperation = 3;

/// What stands on the paths of graphs from an input to the output, read off without training.
/// For K operations, those with the ids `kFirstOperation` to `operations - 1`:
///  - extremes [N, 1 + K, 2]: nodes, and nodes of each operation, on the path that has most of them
///    and on the one that has fewest; 0 where no path leads to the output,
///  - averages [N, 3, K]: nodes of an operation on a path, in the mean over all paths; share of the
///    paths without it; how often a walk meets it that starts at the output and goes on to any
///    predecessor alike.
/// \param batch graphs of `nodes` nodes
/// \throws InvalidInput
void read_path_features(const GraphBatch& batch, std::size_t nodes, std::size_t operations,
                        std::span<double> extremes, std::span<double> averages, std::size_t threads,
                        const Poll& poll);

}  // namespace ctnas
