#include "learning/batch_rows.hpp"

#include <algorithm>

namespace ctnas {

void BatchRows::choose(const GraphLists& lists, std::span<const std::uint32_t> architectures) {
  if (lists_ == &lists && std::ranges::equal(chosen_, architectures)) return;
  lists_ = &lists;
  views_ = lists.views;
  chosen_.assign(architectures.begin(), architectures.end());
  number(lists);
  const std::size_t count = level_first_.back();
  for (auto* numbers : {&itself_, &operation_, &graph_}) numbers->resize(count);
  starts_.resize(count);
  reached_.resize(count);
  neighborhoods_.resize(count);
  neighbors_.clear();
  neighbor_operations_.clear();
  row_.clear();
  each_graph([&](std::uint32_t graph, std::size_t batch_graph) {
    place(lists, graph, batch_graph);
    list_neighbors(lists, graph);
  });
}

/// Counts the rows of each level.
void BatchRows::number(const GraphLists& lists) {
  const std::vector<std::uint32_t>& first_node = lists.wiring.first_node;
  next_.clear();
  each_graph([&](std::uint32_t graph, std::size_t) {
    for (std::size_t node = first_node[graph]; node < first_node[graph + 1]; ++node) {
      const std::uint32_t at = level(lists, node);
      if (at >= next_.size()) next_.resize(at + 1);
      ++next_[at];
    }
  });
  level_first_.assign(1, 0);
  for (std::uint32_t& count : next_) {
    const std::uint32_t first = level_first_.back();
    level_first_.push_back(first + count);
    count = first;
  }
}

void BatchRows::place(const GraphLists& lists, std::uint32_t graph, std::size_t batch_graph) {
  const Wiring& wiring = lists.wiring;
  for (std::size_t node = wiring.first_node[graph]; node < wiring.first_node[graph + 1]; ++node) {
    const std::uint32_t row = next_[level(lists, node)]++;
    row_.push_back(row);
    itself_[row] = row;
    operation_[row] = wiring.operation[node];
    graph_[row] = static_cast<std::uint32_t>(batch_graph);
    starts_[row] = lists.starts[node];
    reached_[row] = lists.reached[node];
  }
}

void BatchRows::list_neighbors(const GraphLists& lists, std::uint32_t graph) {
  const Wiring& wiring = lists.wiring;
  const std::uint32_t first = wiring.first_node[graph];
  const std::size_t place = row_.size() - (wiring.first_node[graph + 1] - first);
  for (std::size_t node = first; node < wiring.first_node[graph + 1]; ++node) {
    const Neighborhood& near = wiring.neighborhoods[node];
    const auto begin = static_cast<std::uint32_t>(neighbors_.size());
    for (std::uint32_t edge = near.successors; edge < near.end; ++edge) {
      const std::uint32_t neighbor = wiring.neighbors[edge];
      neighbors_.push_back(row_[place + neighbor - first]);
      neighbor_operations_.push_back(wiring.operation[neighbor]);
    }
    const std::uint32_t middle = begin + (near.predecessors - near.successors);
    const auto end = static_cast<std::uint32_t>(neighbors_.size());
    neighborhoods_[row_[place + node - first]] = {begin, middle, end};
  }
}

}  // namespace ctnas
