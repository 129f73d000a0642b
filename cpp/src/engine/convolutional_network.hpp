#pragma once

#include <vector>

#include "engine/graph_network.hpp"
#include "engine/linear_map.hpp"
#include "engine/network_weights.hpp"

namespace ctnas {

/// The paper's encoder, Eq. 6-7, with the mean over nodes taken before the last linear map; see
/// `DeployedGcn` in python/ctnas/comparator/deployed.py.
class ConvolutionalNetwork final : public GraphNetwork {
 public:
  /// \throws UnknownNetwork unless the weights are those of such an encoder
  ConvolutionalNetwork(const NetworkWeights& weights, const ComparatorSize& size);

 private:
  struct Workspace;

  void encode_block(const GraphBatch& block, EncodedLogits logits) const override;
  void encode_states(Workspace& work) const;

  std::size_t padded_;
  std::vector<float> table_;  // [vocabulary, padded], that of padding 0
  LinearMap head_;
  float challenger_bias_;
  float opponent_bias_;
};

}  // namespace ctnas
