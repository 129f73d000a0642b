#include "text/architecture_text.hpp"

#include <algorithm>
#include <stdexcept>
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

/// Whether a text begins as the upper triangle of a matrix does.
bool is_graph_text(std::string_view text) {
  const std::string_view whole = trim(text);
  return whole.find('|') != std::string_view::npos &&
         whole.find_first_not_of("01.") == whole.find_first_of(" \t");
}

void check_operations(const SpaceTables& tables, std::size_t vocabulary) {
  for (const TableNode& node : tables.nodes) {
    const std::vector<std::int32_t>& ids = tables.tables.at(node.table).values;
    if (*std::ranges::max_element(ids) < static_cast<std::int64_t>(vocabulary)) continue;
    throw ModelError("the declaration of its space has an operation that it does not name");
  }
}

}  // namespace

ArchitectureText::ArchitectureText(std::string space, std::size_t nodes,
                                   std::vector<std::string> vocabulary,
                                   const std::optional<DeclaredSpace>& declared)
    : space_(std::move(space)), nodes_(nodes), vocabulary_(std::move(vocabulary)) {
  if (!declared) return;
  try {
    declared_ = std::make_unique<const Declared>(
        Declared{Space(declared->tables), SpaceText(declared->text), *declared});
    check_operations(declared->tables, vocabulary_.size());
  } catch (const std::logic_error& error) {
    throw ModelError(std::string("the declaration of its space is damaged: ") + error.what());
  }
  if (declared_->space.nodes() == nodes_) return;
  throw ModelError("the declaration of its space has graphs of " +
                   std::to_string(declared_->space.nodes()) + " nodes, the model of " +
                   std::to_string(nodes_));
}

ArchitectureGraphs ArchitectureText::read(std::string_view text) const {
  if (!declared_) return read_graph(text);
  try {
    return read_declared(text);
  } catch (const InvalidInput&) {
    // The text of this space has messages of its own.
    if (space_ != "nasbench201" && !is_graph_text(text)) throw;
    return read_graph(text);
  }
}

ArchitectureGraphs ArchitectureText::read_declared(std::string_view text) const {
  std::vector<std::int16_t> row(declared_->text.decisions());
  declared_->text.parse(text, row);
  require_allowed(row);
  ArchitectureGraphs graph{std::vector<std::uint8_t>(nodes_ * nodes_),
                           std::vector<std::int64_t>(nodes_)};
  declared_->space.graphs(row, graph.adjacency, graph.operations, 1, {});
  return graph;
}

void ArchitectureText::require_allowed(std::span<const std::int16_t> row) const {
  std::uint8_t is_allowed = 1;
  declared_->space.allowed(row, {&is_allowed, 1}, 1, {});
  if (is_allowed != 0) return;
  std::vector<std::uint8_t> active(row.size());
  declared_->space.activity(row, active, 1, {});
  const auto holds = [&](const ChoiceCondition& one) {
    return active[one.decision] != 0 &&
           one.is_allowed[static_cast<std::size_t>(row[one.decision])] != 0;
  };
  const SpaceConstraints& constraints = declared_->as.tables.constraints;
  for (const auto& combination : constraints.forbidden) {
    if (!std::ranges::all_of(combination, holds)) continue;
    std::string made;
    for (const ChoiceCondition& one : combination) {
      const NamedDecision& decision = declared_->as.text.decisions[one.decision];
      made += (made.empty() ? "" : " and ") + decision.name + "=" +
              decision.choices[static_cast<std::size_t>(row[one.decision])];
    }
    throw InvalidInput(made + " is forbidden");
  }
  throw InvalidInput("it has more than " + std::to_string(constraints.most_edges) + " edges");
}

ArchitectureGraphs ArchitectureText::read_graph(std::string_view text) const {
  const bool is_nasbench201 = space_ == "nasbench201" && trim(text).starts_with('|');
  const DrawnGraph drawn =
      is_nasbench201 ? parse_nasbench201(text, vocabulary_) : parse_graph_text(text, vocabulary_);
  ArchitectureGraphs graph = pad(without_dead_nodes(drawn), nodes_);
  if (space_ == "nasbench101" && nodes_ == nasbench101::kMaxVertices) {
    static_cast<void>(nasbench101::read_cell(graph.adjacency, graph.operations));
  }
  return graph;
}

}  // namespace ctnas
