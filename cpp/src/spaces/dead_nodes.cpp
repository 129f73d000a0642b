#include "ctnas/dead_nodes.hpp"

#include <algorithm>
#include <vector>

namespace ctnas {
namespace {

constexpr std::int64_t kPadding = 0;
constexpr std::int64_t kInput = 1;
constexpr std::int64_t kOutput = 2;

/// One graph at a time; the memory is used again for the next.
class LivingNodes {
 public:
  explicit LivingNodes(std::size_t nodes) : nodes_(nodes), reached_(nodes), reaching_(nodes) {}

  /// The nodes that stay, in order.
  const std::vector<std::size_t>& find(const std::uint8_t* adjacency,
                                       const std::int64_t* operations) {
    spread_forward(adjacency, operations);
    spread_backward(adjacency, operations);
    living_.clear();
    for (std::size_t node = 0; node < nodes_; ++node) {
      const bool is_end = operations[node] == kInput || operations[node] == kOutput;
      if (is_end || (reached_[node] != 0 && reaching_[node] != 0)) living_.push_back(node);
    }
    return living_;
  }

 private:
  void spread_forward(const std::uint8_t* adjacency, const std::int64_t* operations) {
    for (std::size_t node = 0; node < nodes_; ++node) reached_[node] = operations[node] == kInput;
    for (std::size_t from = 0; from < nodes_; ++from) {
      if (reached_[from] == 0) continue;
      const std::uint8_t* row = adjacency + from * nodes_;
      for (std::size_t to = from + 1; to < nodes_; ++to) {
        reached_[to] |= static_cast<std::uint8_t>(row[to] != 0 && operations[to] != kPadding);
      }
    }
  }

  void spread_backward(const std::uint8_t* adjacency, const std::int64_t* operations) {
    for (std::size_t from = nodes_; from-- > 0;) {
      reaching_[from] = operations[from] == kOutput;
      if (operations[from] == kPadding) continue;
      const std::uint8_t* row = adjacency + from * nodes_;
      for (std::size_t to = from + 1; to < nodes_; ++to) {
        reaching_[from] |= static_cast<std::uint8_t>(row[to] != 0 && reaching_[to] != 0);
      }
    }
  }

  std::size_t nodes_;
  std::vector<std::uint8_t> reached_;   // from an input
  std::vector<std::uint8_t> reaching_;  // an output
  std::vector<std::size_t> living_;
};

}  // namespace

void remove_dead_nodes(const GraphBatch& batch, std::size_t nodes,
                       std::span<std::uint8_t> adjacency, std::span<std::int64_t> operations) {
  std::fill(adjacency.begin(), adjacency.end(), std::uint8_t{0});
  std::fill(operations.begin(), operations.end(), kPadding);
  LivingNodes living_nodes(nodes);
  for (std::size_t first = 0; first < operations.size(); first += nodes) {
    const std::uint8_t* edges = batch.adjacency.data() + first * nodes;
    const std::int64_t* names = batch.operations.data() + first;
    const auto& living = living_nodes.find(edges, names);
    for (std::size_t place = 0; place < living.size(); ++place) {
      operations[first + place] = names[living[place]];
      const std::uint8_t* row = edges + living[place] * nodes;
      std::uint8_t* kept = adjacency.data() + (first + place) * nodes;
      for (std::size_t to = place + 1; to < living.size(); ++to) kept[to] = row[living[to]];
    }
  }
}

}  // namespace ctnas
