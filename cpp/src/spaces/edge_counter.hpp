#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "spaces/path_reader.hpp"

namespace ctnas {

/// Counts the operations of one graph after another, and what they are connected to.
/// Types are the operation ids from that of the input on.
class EdgeCounter {
 public:
  EdgeCounter(std::size_t nodes, std::size_t types)
      : nodes_(nodes),
        types_(types),
        type_(nodes),
        counts_(kFigures * types),
        pairs_(types * types) {}

  void read(const std::uint8_t* adjacency, const std::int64_t* operations) {
    std::ranges::fill(counts_, 0.0);
    std::ranges::fill(pairs_, 0.0);
    edges_ = 0;
    for (std::size_t node = 0; node < nodes_; ++node) {
      const std::int64_t operation = operations[node];
      type_[node] = operation >= kInputId && operation <= static_cast<std::int64_t>(types_)
                        ? static_cast<std::size_t>(operation - kInputId)
                        : types_;
      if (type_[node] < types_) ++counts_[kNodes * types_ + type_[node]];
    }
    for (std::size_t from = 0; from < nodes_; ++from) {
      for (std::size_t to = from + 1; to < nodes_; ++to) {
        if (adjacency[from * nodes_ + to] != 0) count(operations, from, to);
      }
    }
  }

  [[nodiscard]] double edges() const { return edges_; }

  /// Writes [5, types]: nodes, edges in, edges out, edges from an input, edges to the output; then
  /// [types, types]: edges from each type to each other.
  void write(double* counts) const {
    std::ranges::copy(pairs_, std::ranges::copy(counts_, counts).out);
  }

 private:
  enum Figure : std::size_t { kNodes, kIn, kOut, kFromInput, kToOutput, kFigures };

  void count(const std::int64_t* operations, std::size_t from, std::size_t to) {
    ++edges_;
    const std::size_t source = type_[from];
    const std::size_t target = type_[to];
    if (target < types_) {
      ++counts_[kIn * types_ + target];
      if (operations[from] == kInputId) ++counts_[kFromInput * types_ + target];
    }
    if (source < types_) {
      ++counts_[kOut * types_ + source];
      if (operations[to] == kOutputId) ++counts_[kToOutput * types_ + source];
    }
    if (source < types_ && target < types_) ++pairs_[source * types_ + target];
  }

  std::size_t nodes_;
  std::size_t types_;
  double edges_ = 0;
  std::vector<std::size_t> type_;  // [nodes], `types_` where an id is none of them
  std::vector<double> counts_;     // [figures, types]
  std::vector<double> pairs_;      // [types, types]
};

}  // namespace ctnas
