#include "ctnas/graph_features.hpp"

#include <cstdint>

#include "parallel.hpp"
#include "spaces/edge_counter.hpp"
#include "spaces/graph_check.hpp"
#include "spaces/path_reader.hpp"

namespace ctnas {
namespace {

constexpr std::size_t kBlock = 256;
constexpr std::size_t kLengths = 4;

}  // namespace

GraphFeatureSizes graph_feature_sizes(std::size_t operations) {
  const std::size_t kinds = operations > kFirstOperation ? operations - kFirstOperation : 0;
  const std::size_t types = operations > 0 ? operations - 1 : 0;
  return {1 + kLengths + 5 * types + types * types + 2 * kinds, 3 * kinds};
}

void read_graph_features(const GraphBatch& batch, std::size_t nodes, std::size_t operations,
                         std::span<double> structure, std::span<double> averages,
                         std::size_t threads, const Poll& poll) {
  if (nodes == 0) return;
  const std::size_t rows = batch.operations.size() / nodes;
  GraphCheck({nodes, INT64_MAX}, "").require_valid(batch, rows, threads, poll);
  const GraphFeatureSizes sizes = graph_feature_sizes(operations);
  const std::size_t types = operations > 0 ? operations - 1 : 0;
  parallel_blocks(rows, kBlock, threads, poll, [&](std::size_t first, std::size_t last) {
    PathReader paths(nodes, operations);
    EdgeCounter edges(nodes, types);
    for (std::size_t row = first; row < last; ++row) {
      const std::uint8_t* const adjacency = batch.adjacency.data() + row * nodes * nodes;
      const std::int64_t* const ids = batch.operations.data() + row * nodes;
      double* const out = structure.data() + row * sizes.structure;
      paths.read(adjacency, ids);
      edges.read(adjacency, ids);
      out[0] = edges.edges();
      paths.write_lengths(out + 1);
      edges.write(out + 1 + kLengths);
      paths.write_occurrences(out + 1 + kLengths + 5 * types + types * types);
      paths.write_averages(averages.data() + row * sizes.averages);
    }
  });
}

}  // namespace ctnas
