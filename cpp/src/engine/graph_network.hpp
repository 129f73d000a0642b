#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "ctnas/graph_batch.hpp"
#include "embedding/comparator_graph.hpp"
#include "engine/kernels.hpp"

namespace ctnas {

/// Where the two logits of every architecture are written, [N] each.
struct EncodedLogits {
  std::span<float> challenger;
  std::span<float> opponent;
};

/// An exported encoder computed without the runtime, over lists of edges.
class GraphNetwork {
 public:
  explicit GraphNetwork(const ComparatorSize& size);
  GraphNetwork(const GraphNetwork&) = delete;
  GraphNetwork& operator=(const GraphNetwork&) = delete;
  virtual ~GraphNetwork() = default;

  /// Encodes the graphs [first, last) of a valid batch.  A graph has the same logits in any range.
  void encode(const GraphBatch& batch, std::size_t first, std::size_t last,
              EncodedLogits logits) const;

  /// Graphs that are best encoded together: their nodes repeat one another's states.
  [[nodiscard]] std::size_t block() const noexcept { return block_; }

  /// The loops in use.
  [[nodiscard]] const Kernels& kernels() const noexcept { return kernels_; }

 protected:
  [[nodiscard]] std::size_t nodes() const noexcept { return nodes_; }

 private:
  /// \param block at most `block()` graphs
  virtual void encode_block(const GraphBatch& block, EncodedLogits logits) const = 0;

  const Kernels& kernels_;
  std::size_t nodes_;
  std::size_t block_;
};

/// Reads the encoder out of a `ranker.onnx`, which stays the only place where the weights are.
///
/// \param kind what the metadata call the encoder
/// \return nothing unless it is a kind that is known here, with all its weights
[[nodiscard]] std::unique_ptr<const GraphNetwork> read_network(const std::string& kind,
                                                               std::span<const std::byte> model,
                                                               const ComparatorSize& size);

}  // namespace ctnas
