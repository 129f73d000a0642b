#include "engine/bidirectional_network.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/node_states.hpp"
#include "engine/wiring.hpp"
#include "runtime/row_buffer.hpp"

namespace ctnas {
namespace {

/// Operation ids that every vocabulary has, and the weight of the sum over nodes in the read-out.
constexpr std::uint32_t kPadding = 0;
constexpr std::uint32_t kOutput = 2;
constexpr float kNodesScale = 0.25F;

/// Nodes of a tile: with all their messages they stay in the second cache.
constexpr std::size_t kTileNodes = 192;

}  // namespace

/// Memory of a thread, kept from one block to the next.
struct BidirectionalNetwork::Workspace {
  WiringReader reader;
  Wiring wiring;
  NodeStates states;
  RowBuffer state_features;         // [states, d]
  RowBuffer state_messages;         // [states, 3, d]
  RowBuffer features;               // [nodes of a tile, d]
  RowBuffer messages;               // [nodes of a tile, 3, d]
  RowBuffer pooled;                 // [graphs, 2, d]
  RowBuffer hidden;                 // [graphs, h]
  RowBuffer logits;                 // [graphs, padded]
  std::vector<std::uint32_t> rows;  // 0, 1, 2, ...
};

/// Some graphs of a block and their nodes.
struct BidirectionalNetwork::Tile {
  std::size_t first_graph;
  std::size_t last_graph;
  std::uint32_t first_node;
  std::uint32_t nodes;
};

BidirectionalNetwork::BidirectionalNetwork(const NetworkWeights& weights,
                                           const ComparatorSize& size)
    : GraphNetwork(size, fastest_kernels()), weights_(weights, size, kernels()) {}

void BidirectionalNetwork::encode_block(const GraphBatch& block, EncodedLogits logits) const {
  thread_local Workspace work;
  work.reader.read(block, nodes(), work.wiring);
  work.states.find(work.wiring);
  encode_states(work);
  const std::vector<std::uint32_t>& first_node = work.wiring.first_node;
  const std::size_t graphs = work.wiring.graphs();
  work.pooled.reserve(graphs, 2 * weights_.padded);
  for (std::size_t first = 0, last = 0; first < graphs; first = last) {
    do {
      ++last;
    } while (last < graphs && first_node[last + 1] - first_node[first] <= kTileNodes);
    encode_tile(work, {first, last, first_node[first], first_node[last] - first_node[first]});
  }
  write_logits(work, logits);
}

/// The first layer, and what the second one multiplies.
void BidirectionalNetwork::encode_states(Workspace& work) const {
  const std::size_t count = work.states.size();
  float* const features = work.state_features.reserve(count, weights_.padded);
  kernels().convolve(work.states.rows(), count, weights_.embedding.data(), weights_.table.data(),
                     weights_.norm(0), features);
  if (weights_.layers.size() == 1) return;
  kernels().multiply(weights_.layers[1].messages->view(), features, count, false,
                     work.state_messages.reserve(count, 3 * weights_.padded));
}

void BidirectionalNetwork::encode_tile(Workspace& work, const Tile& tile) const {
  const Wiring& wiring = work.wiring;
  leave_states(work, tile);
  float* const features = work.features.data();
  float* const messages = work.messages.reserve(tile.nodes, 3 * weights_.padded);
  while (work.rows.size() < wiring.nodes()) {
    work.rows.push_back(static_cast<std::uint32_t>(work.rows.size()));
  }
  const NodeRows nodes{work.rows.data() + tile.first_node,
                       wiring.neighborhoods.data() + tile.first_node, wiring.neighbors.data(),
                       tile.first_node};
  for (std::size_t layer = 2; layer < weights_.layers.size(); ++layer) {
    kernels().multiply(weights_.layers[layer].messages->view(), features, tile.nodes, false,
                       messages);
    kernels().convolve(nodes, tile.nodes, features, messages, weights_.norm(layer), features);
  }
  pool(work, tile);
}

/// From states to nodes: by the second layer, or as they are if there is none.
void BidirectionalNetwork::leave_states(Workspace& work, const Tile& tile) const {
  const std::size_t width = weights_.padded;
  float* const features = work.features.reserve(tile.nodes, width);
  const std::uint32_t* const states = work.states.of_nodes().data() + tile.first_node;
  if (weights_.layers.size() == 1) {
    for (std::uint32_t node = 0; node < tile.nodes; ++node) {
      std::copy_n(work.state_features.data() + states[node] * width, width,
                  features + node * width);
    }
    return;
  }
  const NodeRows nodes{states, work.wiring.neighborhoods.data() + tile.first_node,
                       work.states.of_neighbors().data(), 0};
  kernels().convolve(nodes, tile.nodes, work.state_features.data(), work.state_messages.data(),
                     weights_.norm(1), features);
}

/// Output nodes beside the sum over all nodes that exist.
void BidirectionalNetwork::pool(Workspace& work, const Tile& tile) const {
  const std::size_t width = weights_.padded;
  const float* row = work.features.data();
  std::uint32_t node = tile.first_node;
  for (std::size_t graph = tile.first_graph; graph < tile.last_graph; ++graph) {
    float* const pooled = work.pooled.data() + graph * 2 * width;
    std::fill_n(pooled, 2 * width, 0.0F);
    for (; node < work.wiring.first_node[graph + 1]; ++node, row += width) {
      const std::uint32_t operation = work.wiring.operation[node];
      if (operation == kOutput) kernels().accumulate(row, 1.0F, width, pooled);
      if (operation != kPadding) kernels().accumulate(row, kNodesScale, width, pooled + width);
    }
  }
}

void BidirectionalNetwork::write_logits(Workspace& work, EncodedLogits logits) const {
  const std::size_t graphs = logits.challenger.size();
  float* const hidden = work.hidden.reserve(graphs, weights_.hidden.outputs());
  kernels().multiply(weights_.hidden.view(), work.pooled.data(), graphs, true, hidden);
  const std::size_t stride = weights_.head.outputs();
  float* const scores = work.logits.reserve(graphs, stride);
  kernels().multiply(weights_.head.view(), hidden, graphs, false, scores);
  for (std::size_t graph = 0; graph < graphs; ++graph) {
    logits.challenger[graph] = scores[graph * stride];
    logits.opponent[graph] = scores[graph * stride + 1];
  }
}

}  // namespace ctnas
