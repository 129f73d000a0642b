#pragma once

#include "engine/bidirectional_weights.hpp"
#include "engine/graph_network.hpp"

namespace ctnas {

/// The default encoder: residual convolutions that treat a node itself, its successors and its
/// predecessors apart, each followed by a layer normalization; see `BidirectionalEncoder` in
/// python/ctnas/comparator/encoders.py.
class BidirectionalNetwork final : public GraphNetwork {
 public:
  /// \throws UnknownNetwork unless the weights are those of such an encoder
  BidirectionalNetwork(const NetworkWeights& weights, const ComparatorSize& size);

 private:
  struct Workspace;
  struct Tile;

  void encode_block(const GraphBatch& block, EncodedLogits logits) const override;
  void encode_states(Workspace& work) const;
  void encode_tile(Workspace& work, const Tile& tile) const;
  void leave_states(Workspace& work, const Tile& tile) const;
  void pool(Workspace& work, const Tile& tile) const;
  void write_logits(Workspace& work, EncodedLogits logits) const;

  BidirectionalWeights weights_;
};

}  // namespace ctnas
