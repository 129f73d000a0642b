#include "spaces/graph_check.hpp"

#include <utility>

#include "ctnas/error.hpp"
#include "parallel.hpp"

namespace ctnas {
namespace {

constexpr std::size_t kBlock = 4096;

}  // namespace

GraphCheck::GraphCheck(ComparatorSize size, std::string suffix)
    : size_(size), suffix_(std::move(suffix)), forbidden_bits_(size.nodes * size.nodes, 0xff) {
  for (std::size_t from = 0; from < size.nodes; ++from) {
    for (std::size_t to = from + 1; to < size.nodes; ++to) {
      forbidden_bits_[from * size.nodes + to] = 0xfe;
    }
  }
}

void GraphCheck::require_rows(const GraphBatch& batch, std::size_t rows) const {
  const std::size_t entries = forbidden_bits_.size();
  if (batch.adjacency.size() == rows * entries && batch.operations.size() == rows * size_.nodes) {
    return;
  }
  throw InvalidInput("adjacency" + suffix_ + " has " + std::to_string(batch.adjacency.size()) +
                     " entries and operations" + suffix_ + " " +
                     std::to_string(batch.operations.size()) + ": needed " +
                     std::to_string(entries) + " and " + std::to_string(size_.nodes) +
                     " for each of " + std::to_string(rows) + " architectures");
}

void GraphCheck::require_valid(const GraphBatch& batch, std::size_t rows, std::size_t threads,
                               const Poll& poll) const {
  require_rows(batch, rows);
  parallel_blocks(rows, kBlock, threads, poll, [&](std::size_t first, std::size_t last) {
    for (std::size_t row = first; row < last; ++row) {
      require_edges(batch.adjacency.data() + row * forbidden_bits_.size(), row);
      require_operations(batch.operations.data() + row * size_.nodes, row);
    }
  });
}

void GraphCheck::require_edges(const std::uint8_t* graph, std::size_t row) const {
  unsigned wrong = 0;
  for (std::size_t entry = 0; entry < forbidden_bits_.size(); ++entry) {
    wrong |= static_cast<unsigned>(graph[entry] & forbidden_bits_[entry]);
  }
  if (wrong != 0) refuse_edges(graph, row);
}

void GraphCheck::refuse_edges(const std::uint8_t* graph, std::size_t row) const {
  std::size_t entry = 0;
  while ((graph[entry] & forbidden_bits_[entry]) == 0) ++entry;
  const std::size_t from = entry / size_.nodes;
  const std::size_t to = entry % size_.nodes;
  throw InvalidInput(
      "adjacency" + suffix_ + "[" + std::to_string(row) + ", " + std::to_string(from) + ", " +
      std::to_string(to) + "] is " + std::to_string(graph[entry]) +
      (from < to ? ": needed 0 or 1" : ": needed 0, an edge leads from a lower to a higher node"));
}

void GraphCheck::require_operations(const std::int64_t* operations, std::size_t row) const {
  for (std::size_t node = 0; node < size_.nodes; ++node) {
    const std::int64_t id = operations[node];
    if (id >= 0 && id < size_.vocabulary_size) continue;
    throw InvalidInput("operations" + suffix_ + "[" + std::to_string(row) + ", " +
                       std::to_string(node) + "] is " + std::to_string(id) + ": needed 0 to " +
                       std::to_string(size_.vocabulary_size - 1));
  }
}

}  // namespace ctnas
