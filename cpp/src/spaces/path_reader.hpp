#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "ctnas/graph_features.hpp"

namespace ctnas {

inline constexpr std::int64_t kPaddingId = 0;
inline constexpr std::int64_t kInputId = 1;
inline constexpr std::int64_t kOutputId = 2;

/// Follows the paths of one graph after another, from the inputs on.
class PathReader {
 public:
  PathReader(std::size_t nodes, std::size_t operations)
      : nodes_(nodes),
        kinds_(operations > kFirstOperation ? operations - kFirstOperation : 0),
        reached_(nodes),
        paths_(nodes),
        edges_(nodes),
        most_(nodes * (1 + kinds_)),
        least_(nodes * (1 + kinds_)),
        total_(nodes * kinds_),
        avoiding_(nodes * kinds_),
        met_(nodes * kinds_) {}

  /// Reads a graph whose edges lead from earlier nodes to later ones.
  void read(const std::uint8_t* adjacency, const std::int64_t* operations) {
    clear();
    for (std::size_t node = 0; node < nodes_; ++node) {
      if (operations[node] == kInputId) start(node);
      const std::size_t fed = arrive(adjacency, node);
      pass(operations[node], node, fed);
    }
    const std::int64_t* const found = std::find(operations, operations + nodes_, kOutputId);
    const std::int64_t* const output = found == operations + nodes_ ? operations : found;
    output_ = static_cast<std::size_t>(output - operations);
  }

  /// Writes longest, shortest and mean length of the paths, and the logarithm of their number.
  void write_lengths(double* lengths) const {
    write_extremes(0, lengths);
    const double paths = std::max(paths_[output_], 1.0);
    lengths[2] = edges_[output_] / paths;
    lengths[3] = std::log(paths);
  }

  /// Writes [kinds, 2], how often an operation stands on the path that has most of it, and on the
  /// one that has fewest.
  void write_occurrences(double* occurrences) const {
    for (std::size_t kind = 0; kind < kinds_; ++kind) {
      write_extremes(1 + kind, occurrences + 2 * kind);
    }
  }

  /// Writes [3, kinds].
  void write_averages(double* averages) const {
    const double paths = std::max(paths_[output_], 1.0);
    for (std::size_t kind = 0; kind < kinds_; ++kind) {
      averages[kind] = total_[output_ * kinds_ + kind] / paths;
      averages[kinds_ + kind] = avoiding_[output_ * kinds_ + kind] / paths;
      averages[2 * kinds_ + kind] = met_[output_ * kinds_ + kind];
    }
  }

 private:
  void clear() {
    for (auto* numbers : {&paths_, &edges_, &most_, &least_, &total_, &avoiding_, &met_}) {
      std::ranges::fill(*numbers, 0.0);
    }
    std::ranges::fill(reached_, std::uint8_t{0});
  }

  void start(std::size_t node) {
    reached_[node] = 1;
    paths_[node] = 1;
    std::fill_n(avoiding_.begin() + offset(node, kinds_), kinds_, 1.0);
  }

  /// Joins what the predecessors hand on; returns how many there are.
  std::size_t arrive(const std::uint8_t* adjacency, std::size_t node) {
    std::size_t fed = 0;
    for (std::size_t from = 0; from < node; ++from) {
      if (adjacency[from * nodes_ + node] == 0) continue;
      ++fed;
      paths_[node] += paths_[from];
      edges_[node] += edges_[from] + paths_[from];
      for (std::size_t kind = 0; kind < kinds_; ++kind) {
        total_[node * kinds_ + kind] += total_[from * kinds_ + kind];
        avoiding_[node * kinds_ + kind] += avoiding_[from * kinds_ + kind];
        met_[node * kinds_ + kind] += met_[from * kinds_ + kind];
      }
      if (reached_[from] != 0) join_extremes(from, node);
    }
    return fed;
  }

  void join_extremes(std::size_t from, std::size_t node) {
    const std::size_t count = 1 + kinds_;
    for (std::size_t kind = 0; kind < count; ++kind) {
      double& most = most_[node * count + kind];
      double& least = least_[node * count + kind];
      const bool is_first = reached_[node] == 0;
      most = is_first ? most_[from * count + kind] : std::max(most, most_[from * count + kind]);
      least = is_first ? least_[from * count + kind] : std::min(least, least_[from * count + kind]);
    }
    reached_[node] = 1;
  }

  /// Adds the node itself.
  void pass(std::int64_t operation, std::size_t node, std::size_t fed) {
    const std::size_t count = 1 + kinds_;
    if (fed > 1) {
      for (std::size_t kind = 0; kind < kinds_; ++kind) {
        met_[node * kinds_ + kind] /= static_cast<double>(fed);
      }
    }
    if (operation != kPaddingId) {
      ++most_[node * count];
      ++least_[node * count];
    }
    const std::int64_t kind = operation - static_cast<std::int64_t>(kFirstOperation);
    if (kind < 0 || kind >= static_cast<std::int64_t>(kinds_)) return;
    const auto at = static_cast<std::size_t>(kind);
    ++most_[node * count + 1 + at];
    ++least_[node * count + 1 + at];
    total_[node * kinds_ + at] += paths_[node];
    avoiding_[node * kinds_ + at] = 0;
    ++met_[node * kinds_ + at];
  }

  void write_extremes(std::size_t place, double* extremes) const {
    const bool is_reached = reached_[output_] != 0;
    const std::size_t at = output_ * (1 + kinds_) + place;
    extremes[0] = is_reached ? most_[at] : 0.0;
    extremes[1] = is_reached ? least_[at] : 0.0;
  }

  static std::ptrdiff_t offset(std::size_t row, std::size_t width) {
    return static_cast<std::ptrdiff_t>(row * width);
  }

  std::size_t nodes_;
  std::size_t kinds_;
  std::size_t output_ = 0;
  std::vector<std::uint8_t> reached_;
  std::vector<double> paths_;     // [nodes], from an input
  std::vector<double> edges_;     // [nodes], of all these paths together
  std::vector<double> most_;      // [nodes, 1 + kinds]
  std::vector<double> least_;     // [nodes, 1 + kinds]
  std::vector<double> total_;     // [nodes, kinds], over all paths
  std::vector<double> avoiding_;  // [nodes, kinds], paths without the operation
  std::vector<double> met_;       // [nodes, kinds]
};

}  // namespace ctnas
