#include "spaces/edge_list_graph.hpp"

#include <algorithm>

#include "spaces/random_bits.hpp"

namespace ctnas {
namespace {

std::uint64_t combine(std::uint64_t hash, std::uint64_t value) {
  return (hash ^ mix_bits(value)) * 0x9E3779B97F4A7C15ULL + (hash >> 29U);
}

}  // namespace

void write_dense(const EdgeListGraph& graph, std::span<std::uint8_t> adjacency,
                 std::span<std::int64_t> operations) {
  std::fill(adjacency.begin(), adjacency.end(), std::uint8_t{0});
  const auto padding =
      std::copy(graph.operations.begin(), graph.operations.end(), operations.begin());
  std::fill(padding, operations.end(), std::int64_t{0});
  const std::size_t nodes = operations.size();
  for (const auto [source, target] : graph.edges) adjacency[source * nodes + target] = 1;
}

std::uint64_t exact_hash(const EdgeListGraph& graph) {
  std::uint64_t hash = graph.operations.size();
  for (const std::int32_t operation : graph.operations) {
    hash = combine(hash, static_cast<std::uint64_t>(operation));
  }
  for (const auto [source, target] : graph.edges) {
    hash = combine(hash, static_cast<std::uint64_t>(source) << 32U | target);
  }
  return mix_bits(hash);
}

std::uint64_t isomorphism_hash(const EdgeListGraph& graph) {
  const std::size_t nodes = graph.operations.size();
  thread_local std::vector<std::uint64_t> states;
  thread_local std::vector<std::uint64_t> from_before;
  thread_local std::vector<std::uint64_t> from_behind;
  states.resize(nodes);
  for (std::size_t node = 0; node < nodes; ++node) {
    states[node] = mix_bits(static_cast<std::uint64_t>(graph.operations[node]));
  }
  // Sums of mixed states do not depend on the order of the neighbors.
  for (std::size_t round = 0; round < nodes; ++round) {
    from_before.assign(nodes, 0);
    from_behind.assign(nodes, 0);
    for (const auto [source, target] : graph.edges) {
      from_before[target] += mix_bits(states[source]);
      from_behind[source] += mix_bits(states[target] + 1);
    }
    for (std::size_t node = 0; node < nodes; ++node) {
      states[node] = combine(combine(states[node], from_before[node]), from_behind[node]);
    }
  }
  std::uint64_t sum = nodes;
  for (const std::uint64_t state : states) sum += mix_bits(state);
  return mix_bits(sum);
}

}  // namespace ctnas
