#include "engine/node_states.hpp"

#include <algorithm>
#include <bit>

namespace ctnas {

void NodeStates::find(const Wiring& wiring) {
  slots_.assign(std::bit_ceil(2 * wiring.nodes() + 1), {});
  operation_.clear();
  neighborhoods_.clear();
  neighbor_operation_.resize(wiring.neighbors.size());
  of_neighbors_.resize(wiring.neighbors.size());
  of_nodes_.resize(wiring.nodes());
  for (std::size_t edge = 0; edge < wiring.neighbors.size(); ++edge) {
    neighbor_operation_[edge] = wiring.operation[wiring.neighbors[edge]];
  }
  for (std::size_t node = 0; node < wiring.nodes(); ++node) {
    of_nodes_[node] = find_state(wiring, node);
  }
  for (std::size_t edge = 0; edge < wiring.neighbors.size(); ++edge) {
    of_neighbors_[edge] = of_nodes_[wiring.neighbors[edge]];
  }
}

std::uint32_t NodeStates::find_state(const Wiring& wiring, std::size_t node) {
  const std::uint32_t operation = wiring.operation[node];
  const Neighborhood& near = wiring.neighborhoods[node];
  const std::uint64_t key = hash(operation, near);
  const auto tag = static_cast<std::uint32_t>(key >> 32U);
  for (std::size_t place = key;; ++place) {
    Slot& slot = slots_[place & (slots_.size() - 1)];
    if (slot.state == 0) {
      operation_.push_back(operation);
      neighborhoods_.push_back(near);
      slot = {tag, static_cast<std::uint32_t>(operation_.size())};
      return slot.state - 1;
    }
    if (slot.tag == tag && is_state(slot.state - 1, operation, near)) return slot.state - 1;
  }
}

std::uint64_t NodeStates::hash(std::uint32_t operation, const Neighborhood& near) const {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15U;  // 2^64 / the golden ratio
  const std::uint32_t successors = near.predecessors - near.successors;
  std::uint64_t key = ((std::uint64_t{operation} << 32U) + successors + 1) * kOdd;
  for (std::uint32_t edge = near.successors; edge < near.end; ++edge) {
    key = (std::rotl(key, 29) ^ (neighbor_operation_[edge] + 1)) * kOdd;
  }
  return key ^ (key >> 29U);
}

bool NodeStates::is_state(std::uint32_t state, std::uint32_t operation,
                          const Neighborhood& near) const {
  const Neighborhood& known = neighborhoods_[state];
  const std::uint32_t count = near.end - near.successors;
  if (operation_[state] != operation || known.end - known.successors != count ||
      known.predecessors - known.successors != near.predecessors - near.successors) {
    return false;
  }
  const std::uint32_t* const ours = neighbor_operation_.data() + near.successors;
  return std::equal(ours, ours + count, neighbor_operation_.data() + known.successors);
}

}  // namespace ctnas
