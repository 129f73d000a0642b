#include "engine/graph_network.hpp"

#include <algorithm>

namespace ctnas {
namespace {

constexpr std::size_t kMostGraphs = 1024;
constexpr std::size_t kMostEntries = std::size_t{1} << 22;  // of the adjacency matrices of a block

}  // namespace

GraphNetwork::GraphNetwork(const ComparatorSize& size, const Kernels& kernels)
    : kernels_(kernels),
      nodes_(size.nodes),
      block_(std::clamp<std::size_t>(kMostEntries / (nodes_ * nodes_), 1, kMostGraphs)) {}

void GraphNetwork::encode(const GraphBatch& batch, std::size_t first, std::size_t last,
                          EncodedLogits logits) const {
  for (std::size_t begin = first; begin < last; begin += block_) {
    const std::size_t count = std::min(block_, last - begin);
    const GraphBatch block{
        batch.adjacency.subspan(begin * nodes_ * nodes_, count * nodes_ * nodes_),
        batch.operations.subspan(begin * nodes_, count * nodes_)};
    encode_block(block,
                 {logits.challenger.subspan(begin, count), logits.opponent.subspan(begin, count)});
  }
}

}  // namespace ctnas
