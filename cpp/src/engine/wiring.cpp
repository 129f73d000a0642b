#include "engine/wiring.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace ctnas {

static_assert(std::endian::native == std::endian::little, "bytes of a word are taken in order");

void WiringReader::adjust_to(std::size_t nodes) {
  if (nodes_ == nodes) return;
  nodes_ = nodes;
  successors_.resize(nodes);
  predecessors_.resize(nodes);
  number_.resize(nodes);
  edge_at_.clear();
  for (std::uint32_t from = 0; from < nodes; ++from) {
    for (std::uint32_t to = 0; to < nodes; ++to) edge_at_.push_back({from, to});
  }
}

void WiringReader::read(const GraphBatch& batch, std::size_t nodes, Wiring& wiring) {
  adjust_to(nodes);
  wiring.first_node.assign(1, 0);
  wiring.operation.clear();
  wiring.neighborhoods.clear();
  wiring.neighbors.clear();
  for (std::size_t row = 0; row < batch.operations.size() / nodes_; ++row) {
    find_edges(batch.adjacency.data() + row * edge_at_.size());
    number_nodes(batch.operations.data() + row * nodes_, wiring);
    list_neighbors(wiring);
  }
}

/// Most entries are 0: eight are looked at together.
void WiringReader::find_edges(const std::uint8_t* adjacency) {
  edges_.clear();
  for (std::size_t begin = 0; begin < edge_at_.size(); begin += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, adjacency + begin, std::min(sizeof(word), edge_at_.size() - begin));
    for (; word != 0; word &= word - 1) {
      edges_.push_back(edge_at_[begin + static_cast<std::size_t>(std::countr_zero(word)) / 8]);
    }
  }
}

void WiringReader::number_nodes(const std::int64_t* operations, Wiring& wiring) {
  std::fill(successors_.begin(), successors_.end(), 0);
  std::fill(predecessors_.begin(), predecessors_.end(), 0);
  for (const Edge& edge : edges_) {
    ++successors_[edge.from];
    ++predecessors_[edge.to];
  }
  auto next = static_cast<std::uint32_t>(wiring.neighbors.size());
  for (std::size_t node = 0; node < nodes_; ++node) {
    const std::uint32_t after_successors = next + successors_[node];
    const std::uint32_t end = after_successors + predecessors_[node];
    if (operations[node] == 0 && end == next) continue;
    number_[node] = static_cast<std::uint32_t>(wiring.operation.size());
    wiring.operation.push_back(static_cast<std::uint32_t>(operations[node]));
    wiring.neighborhoods.push_back({next, after_successors, end});
    successors_[node] = next;
    predecessors_[node] = after_successors;
    next = end;
  }
  wiring.first_node.push_back(static_cast<std::uint32_t>(wiring.operation.size()));
}

void WiringReader::list_neighbors(Wiring& wiring) {
  wiring.neighbors.resize(wiring.neighbors.size() + 2 * edges_.size());
  for (const Edge& edge : edges_) {
    wiring.neighbors[successors_[edge.from]++] = number_[edge.to];
    wiring.neighbors[predecessors_[edge.to]++] = number_[edge.from];
  }
}

}  // namespace ctnas
