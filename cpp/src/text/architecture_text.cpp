#include "text/architecture_text.hpp"

#include <algorithm>
#include <utility>

#include "ctnas/error.hpp"
#include "ctnas/nasbench101.hpp"
#include "text/graph_text.hpp"
#include "text/nasbench201_text.hpp"

namespace ctnas {
namespace {

/// A graph in arrays of V nodes; the last ones are padding.
ArchitectureGraphs pad(const DrawnGraph& graph, std::size_t nodes) {
  if (graph.nodes() > nodes) {
    throw InvalidInput("an architecture has at most " + std::to_string(nodes) + " nodes, not " +
                       std::to_string(graph.nodes()));
  }
  ArchitectureGraphs padded{std::vector<std::uint8_t>(nodes * nodes),
                            std::vector<std::int64_t>(nodes)};
  std::copy(graph.operations.begin(), graph.operations.end(), padded.operations.begin());
  for (std::size_t from = 0; from < graph.nodes(); ++from) {
    for (std::size_t to = from + 1; to < graph.nodes(); ++to) {
      padded.adjacency[from * nodes + to] = graph.feeds(from, to) ? 1 : 0;
    }
  }
  return padded;
}

}  // namespace

ArchitectureText::ArchitectureText(std::string space, std::size_t nodes,
                                   std::vector<std::string> vocabulary)
    : space_(std::move(space)), nodes_(nodes), vocabulary_(std::move(vocabulary)) {}

void ArchitectureText::read(std::string_view text, ArchitectureGraphs& graphs) const {
  const bool is_nasbench201 = space_ == "nasbench201" && trim(text).starts_with('|');
  const DrawnGraph drawn =
      is_nasbench201 ? parse_nasbench201(text, vocabulary_) : parse_graph_text(text, vocabulary_);
  const ArchitectureGraphs one = pad(without_dead_nodes(drawn), nodes_);
  if (space_ == "nasbench101" && nodes_ == nasbench101::kMaxVertices) {
    static_cast<void>(nasbench101::read_cell(one.adjacency, one.operations));
  }
  graphs.adjacency.reserve(graphs.adjacency.size() + one.adjacency.size());
  graphs.operations.insert(graphs.operations.end(), one.operations.begin(), one.operations.end());
  graphs.adjacency.insert(graphs.adjacency.end(), one.adjacency.begin(), one.adjacency.end());
}

}  // namespace ctnas
