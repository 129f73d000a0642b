#include "engine/drawn_graph.hpp"

namespace ctnas {
namespace {

using Flags = std::vector<bool>;

/// Nodes that are reached from an input.
Flags reached_forward(const DrawnGraph& graph) {
  Flags reached(graph.nodes());
  for (std::size_t node = 0; node < graph.nodes(); ++node) {
    reached[node] = graph.operations[node] == kInputId;
    for (std::size_t from = 0; from < node && !reached[node]; ++from) {
      reached[node] =
          graph.operations[node] != kPaddingId && reached[from] && graph.feeds(from, node);
    }
  }
  return reached;
}

/// Nodes from which the output is reached.
Flags reached_backward(const DrawnGraph& graph) {
  Flags reached(graph.nodes());
  for (std::size_t node = graph.nodes(); node-- > 0;) {
    reached[node] = graph.operations[node] == kOutputId;
    for (std::size_t to = node + 1; to < graph.nodes() && !reached[node]; ++to) {
      reached[node] = graph.operations[node] != kPaddingId && reached[to] && graph.feeds(node, to);
    }
  }
  return reached;
}

}  // namespace

DrawnGraph without_dead_nodes(const DrawnGraph& graph) {
  const Flags forward = reached_forward(graph);
  const Flags backward = reached_backward(graph);
  std::vector<std::size_t> alive;
  for (std::size_t node = 0; node < graph.nodes(); ++node) {
    const std::int64_t operation = graph.operations[node];
    const bool is_end = operation == kInputId || operation == kOutputId;
    if (is_end || (forward[node] && backward[node])) alive.push_back(node);
  }
  DrawnGraph pruned(alive.size());
  for (std::size_t to = 0; to < alive.size(); ++to) {
    pruned.operations[to] = graph.operations[alive[to]];
    for (std::size_t from = 0; from < to; ++from) {
      if (graph.feeds(alive[from], alive[to])) pruned.connect(from, to);
    }
  }
  return pruned;
}

}  // namespace ctnas
