#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "learning/graph_lists.hpp"
#include "learning/learning_kernels.hpp"

namespace ctnas {

/// How the nodes of some graphs are numbered: graph by graph, or those first that wait for none.
enum class RowOrder { kGraphs, kLevels };

/// The nodes of some graphs as rows of arrays.
class BatchRows {
 public:
  explicit BatchRows(RowOrder order) : order_(order) {}

  /// Takes all views of the chosen architectures.
  void choose(const GraphLists& lists, std::span<const std::uint32_t> architectures);

  [[nodiscard]] std::size_t size() const { return operation_.size(); }
  [[nodiscard]] std::size_t graphs() const { return chosen_.size() * views_; }
  [[nodiscard]] std::size_t views() const { return views_; }
  [[nodiscard]] const std::uint32_t* operation() const { return operation_.data(); }
  [[nodiscard]] const std::uint32_t* graph() const { return graph_.data(); }

  /// First row of each level, and the number of rows.
  [[nodiscard]] std::span<const std::uint32_t> levels() const { return level_first_; }

  /// Rows whose features are rows of a table of their own, or of one of the operations.
  [[nodiscard]] NodeRows nodes() const {
    return {itself_.data(), neighborhoods_.data(), neighbors_.data(), 0};
  }
  [[nodiscard]] NodeRows of_operations() const {
    return {operation_.data(), neighborhoods_.data(), neighbor_operations_.data(), 0};
  }
  /// Features of their own go to rows of the operations.
  [[nodiscard]] NodeRows to_operations() const {
    return {operation_.data(), neighborhoods_.data(), neighbors_.data(), 0};
  }
  [[nodiscard]] FlowRows flow() const {
    return {operation_.data(), starts_.data(), reached_.data()};
  }

 private:
  void number(const GraphLists& lists);
  void place(const GraphLists& lists, std::uint32_t graph, std::size_t batch_graph);
  void list_neighbors(const GraphLists& lists, std::uint32_t graph);
  [[nodiscard]] std::uint32_t level(const GraphLists& lists, std::size_t node) const {
    return order_ == RowOrder::kLevels ? lists.level[node] : 0;
  }

  template <typename Work>
  void each_graph(const Work& work) const {
    std::size_t batch_graph = 0;
    for (const std::uint32_t architecture : chosen_) {
      for (std::size_t view = 0; view < views_; ++view) {
        work(static_cast<std::uint32_t>(architecture * views_ + view), batch_graph++);
      }
    }
  }

  RowOrder order_;
  const GraphLists* lists_ = nullptr;
  std::size_t views_ = 1;
  std::vector<std::uint32_t> chosen_;
  std::vector<std::uint32_t> level_first_;
  std::vector<std::uint32_t> next_;  // where the next row of each level goes
  std::vector<std::uint32_t> row_;   // of each node, graph by graph
  std::vector<std::uint32_t> itself_;
  std::vector<std::uint32_t> operation_;
  std::vector<std::uint32_t> graph_;
  std::vector<std::uint8_t> starts_;
  std::vector<std::uint8_t> reached_;
  std::vector<Neighborhood> neighborhoods_;
  std::vector<std::uint32_t> neighbors_;
  std::vector<std::uint32_t> neighbor_operations_;
};

}  // namespace ctnas
