#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/wiring.hpp"

namespace ctnas {

/// What the first layer tells apart: a node's operation and those of its neighbors, in their order.
///
/// Of the 2.9 million nodes of NAS-Bench-101 4,382 differ in it, of 1,024 architectures at a time
/// one node in eight: what depends on nothing else is computed once for each state.  After the
/// second layer 93% of the nodes of such a block differ, and a table of all 903,330 does not fit a
/// cache, so that looking them up would cost more than it saves.
class NodeStates {
 public:
  void find(const Wiring& wiring);

  [[nodiscard]] std::size_t size() const { return operation_.size(); }
  [[nodiscard]] const std::vector<std::uint32_t>& of_nodes() const { return of_nodes_; }
  [[nodiscard]] const std::vector<std::uint32_t>& of_neighbors() const { return of_neighbors_; }

  /// The states as nodes of which the operations are the rows.
  [[nodiscard]] NodeRows rows() const {
    return {operation_.data(), neighborhoods_.data(), neighbor_operation_.data(), 0};
  }

 private:
  std::uint32_t find_state(const Wiring& wiring, std::size_t node);
  [[nodiscard]] std::uint64_t hash(std::uint32_t operation, const Neighborhood& near) const;
  [[nodiscard]] bool is_state(std::uint32_t state, std::uint32_t operation,
                              const Neighborhood& near) const;

  struct Slot {
    std::uint32_t tag = 0;    // upper half of the hash
    std::uint32_t state = 0;  // counted from 1; 0 is an empty slot
  };

  std::vector<Slot> slots_;  // a power of two of them, at most half in use
  std::vector<std::uint32_t> neighbor_operation_;
  std::vector<std::uint32_t> of_nodes_;
  std::vector<std::uint32_t> of_neighbors_;
  std::vector<std::uint32_t> operation_;     // [states]
  std::vector<Neighborhood> neighborhoods_;  // [states], of the first node in that state
};

}  // namespace ctnas
