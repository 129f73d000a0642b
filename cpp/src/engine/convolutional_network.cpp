#include "engine/convolutional_network.hpp"

#include <algorithm>
#include <cstdint>

#include "engine/node_states.hpp"
#include "engine/wiring.hpp"
#include "runtime/row_buffer.hpp"

namespace ctnas {

/// Memory of a thread, kept from one block to the next.
struct ConvolutionalNetwork::Workspace {
  WiringReader reader;
  Wiring wiring;
  NodeStates states;
  RowBuffer features;  // [states, d]
  RowBuffer scores;    // [states, padded]
};

ConvolutionalNetwork::ConvolutionalNetwork(const NetworkWeights& weights,
                                           const ComparatorSize& size)
    : GraphNetwork(size, fastest_kernels()),
      padded_(padded_width(weights.width_of("table"))),
      table_(pad_rows(weights.get("table", {static_cast<std::uint64_t>(size.vocabulary_size),
                                            weights.width_of("table")}),
                      1)),
      head_(pad_matrix(weights.get("head_weight", {weights.width_of("table"), 2}), 1, 1), {},
            kernels()),
      challenger_bias_(weights.get("head_bias", {2}).values[0]),
      opponent_bias_(weights.get("head_bias", {2}).values[1]) {
  std::fill_n(table_.begin(), padded_, 0.0F);
}

/// The last linear map too is applied to states: only two numbers of each are left to add up.
void ConvolutionalNetwork::encode_states(Workspace& work) const {
  const std::size_t count = work.states.size();
  float* const features = work.features.reserve(count, padded_);
  kernels().add_successors(work.states.rows(), count, table_.data(), padded_, features);
  kernels().multiply(head_.view(), features, count, false,
                     work.scores.reserve(count, head_.outputs()));
}

void ConvolutionalNetwork::encode_block(const GraphBatch& block, EncodedLogits logits) const {
  thread_local Workspace work;
  work.reader.read(block, nodes(), work.wiring);
  work.states.find(work.wiring);
  encode_states(work);
  const Wiring& wiring = work.wiring;
  const auto count = static_cast<float>(nodes());
  for (std::size_t graph = 0; graph < wiring.graphs(); ++graph) {
    float challenger = 0.0F;
    float opponent = 0.0F;
    for (std::uint32_t node = wiring.first_node[graph]; node < wiring.first_node[graph + 1];
         ++node) {
      const Neighborhood& near = wiring.neighborhoods[node];
      // A column of the adjacency with loops: a node is added to each successor and to itself.
      const auto uses = static_cast<float>(1 + near.end - near.predecessors);
      const float* score = work.scores.data() + work.states.of_nodes()[node] * head_.outputs();
      challenger += uses * score[0];
      opponent += uses * score[1];
    }
    logits.challenger[graph] = challenger / count + challenger_bias_;
    logits.opponent[graph] = opponent / count + opponent_bias_;
  }
}

}  // namespace ctnas
