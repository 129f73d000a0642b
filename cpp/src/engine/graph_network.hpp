#pragma once

#include <cstddef>
#include <span>

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
  GraphNetwork(const ComparatorSize& size, const Kernels& kernels);
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

}  // namespace ctnas
