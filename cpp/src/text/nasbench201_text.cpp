#include "text/nasbench201_text.hpp"

#include <array>

#include "ctnas/error.hpp"
#include "text/graph_text.hpp"

namespace ctnas {
namespace {

struct Edge {
  std::size_t source;
  std::size_t target;
};

constexpr std::size_t kLastNode = 3;
constexpr std::int64_t kFirstId = kOutputId + 1;
constexpr std::array<Edge, 6> kEdges{{{0, 1}, {0, 2}, {1, 2}, {0, 3}, {1, 3}, {2, 3}}};

/// Appends the operations on the edges into one node, from predecessor 0 upwards.
void read_node(std::string_view text, std::size_t node, std::vector<std::string_view>& operations) {
  const std::string_view part = trim(text);
  if (part.size() < 2 || part.front() != '|' || part.back() != '|') {
    throw InvalidInput("a node is written |operation~predecessor|..., not " + quoted(text));
  }
  const auto inputs = split(part.substr(1, part.size() - 2), '|');
  for (std::size_t source = 0; source < inputs.size(); ++source) {
    const std::size_t mark = inputs[source].find('~');
    if (mark == std::string_view::npos ||
        inputs[source].substr(mark + 1) != std::to_string(source)) {
      throw InvalidInput("node " + std::to_string(node) + " reads predecessors 0 to " +
                         std::to_string(node - 1) + " in this order, each as operation~" +
                         "predecessor, not " + quoted(text));
    }
    operations.push_back(inputs[source].substr(0, mark));
  }
  if (inputs.size() != node) {
    throw InvalidInput("node " + std::to_string(node) + " reads " + std::to_string(node) +
                       " predecessors, not " + std::to_string(inputs.size()) + ": " + quoted(text));
  }
}

}  // namespace

DrawnGraph parse_nasbench201(std::string_view text, std::span<const std::string> vocabulary) {
  const auto parts = split(trim(text), '+');
  if (parts.size() != kLastNode) {
    throw InvalidInput("a cell has 3 nodes separated by '+', not " + std::to_string(parts.size()) +
                       ": " + quoted(text));
  }
  std::vector<std::string_view> operations;
  for (std::size_t node = 1; node <= kLastNode; ++node) {
    read_node(parts[node - 1], node, operations);
  }
  // What an edge may have, by choice: none is no node at all, the others have the ids from 3 on.
  std::vector<std::string> choices{"none"};
  choices.insert(choices.end(), vocabulary.begin() + kFirstId, vocabulary.end());
  DrawnGraph graph(kEdges.size() + 2);
  graph.operations.front() = kInputId;
  graph.operations.back() = kOutputId;
  for (std::size_t edge = 0; edge < kEdges.size(); ++edge) {
    const std::size_t place = edge + 1;
    const std::size_t choice = find_operation(operations[edge], choices);
    if (choice != 0) graph.operations[place] = static_cast<std::int64_t>(choice) - 1 + kFirstId;
    if (kEdges[edge].source == 0) graph.connect(0, place);
    if (kEdges[edge].target == kLastNode) graph.connect(place, graph.nodes() - 1);
    for (std::size_t next = edge + 1; next < kEdges.size(); ++next) {
      if (kEdges[next].source == kEdges[edge].target) graph.connect(place, next + 1);
    }
  }
  return graph;
}

}  // namespace ctnas
