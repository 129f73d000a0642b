#include "ctnas/path_features.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "parallel.hpp"
#include "spaces/graph_check.hpp"

namespace ctnas {
namespace {

constexpr std::int64_t kPadding = 0;
constexpr std::int64_t kInput = 1;
constexpr std::int64_t kOutput = 2;
constexpr std::size_t kBlock = 256;

/// Follows the paths of one graph after another, from the inputs on.
class PathReader {
 public:
  PathReader(std::size_t nodes, std::size_t operations)
      : nodes_(nodes),
        kinds_(operations > kFirstOperation ? operations - kFirstOperation : 0),
        reached_(nodes),
        paths_(nodes),
        most_(nodes * (1 + kinds_)),
        least_(nodes * (1 + kinds_)),
        total_(nodes * kinds_),
        avoiding_(nodes * kinds_),
        met_(nodes * kinds_) {}

  void read(const std::uint8_t* adjacency, const std::int64_t* operations, double* extremes,
            double* averages) {
    clear();
    for (std::size_t node = 0; node < nodes_; ++node) {
      if (operations[node] == kInput) start(node);
      const std::size_t fed = arrive(adjacency, node);
      pass(operations[node], node, fed);
    }
    const std::int64_t* const found = std::find(operations, operations + nodes_, kOutput);
    const std::int64_t* const output = found == operations + nodes_ ? operations : found;
    write(static_cast<std::size_t>(output - operations), extremes, averages);
  }

 private:
  void clear() {
    for (auto* numbers : {&paths_, &most_, &least_, &total_, &avoiding_, &met_}) {
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
    if (operation != kPadding) {
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

  void write(std::size_t output, double* extremes, double* averages) const {
    const std::size_t count = 1 + kinds_;
    for (std::size_t kind = 0; kind < count; ++kind) {
      const bool is_reached = reached_[output] != 0;
      extremes[2 * kind] = is_reached ? most_[output * count + kind] : 0.0;
      extremes[2 * kind + 1] = is_reached ? least_[output * count + kind] : 0.0;
    }
    const double paths = std::max(paths_[output], 1.0);
    for (std::size_t kind = 0; kind < kinds_; ++kind) {
      averages[kind] = total_[output * kinds_ + kind] / paths;
      averages[kinds_ + kind] = avoiding_[output * kinds_ + kind] / paths;
      averages[2 * kinds_ + kind] = met_[output * kinds_ + kind];
    }
  }

  static std::ptrdiff_t offset(std::size_t row, std::size_t width) {
    return static_cast<std::ptrdiff_t>(row * width);
  }

  std::size_t nodes_;
  std::size_t kinds_;
  std::vector<std::uint8_t> reached_;
  std::vector<double> paths_;     // [nodes], from an input
  std::vector<double> most_;      // [nodes, 1 + kinds]
  std::vector<double> least_;     // [nodes, 1 + kinds]
  std::vector<double> total_;     // [nodes, kinds], over all paths
  std::vector<double> avoiding_;  // [nodes, kinds], paths without the operation
  std::vector<double> met_;       // [nodes, kinds]
};

}  // namespace

void read_path_features(const GraphBatch& batch, std::size_t nodes, std::size_t operations,
                        std::span<double> extremes, std::span<double> averages, std::size_t threads,
                        const Poll& poll) {
  if (nodes == 0) return;
  const std::size_t rows = batch.operations.size() / nodes;
  GraphCheck({nodes, INT64_MAX}, "").require_valid(batch, rows, threads, poll);
  const std::size_t kinds = operations > kFirstOperation ? operations - kFirstOperation : 0;
  parallel_blocks(rows, kBlock, threads, poll, [&](std::size_t first, std::size_t last) {
    PathReader reader(nodes, operations);
    for (std::size_t row = first; row < last; ++row) {
      reader.read(batch.adjacency.data() + row * nodes * nodes,
                  batch.operations.data() + row * nodes, extremes.data() + row * 2 * (1 + kinds),
                  averages.data() + row * 3 * kinds);
    }
  });
}

}  // namespace ctnas
