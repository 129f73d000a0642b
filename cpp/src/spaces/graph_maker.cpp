#include "spaces/graph_maker.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>
#include <string>

#include "ctnas/nasbench101.hpp"
#include "spaces/node_set.hpp"

namespace ctnas {
namespace {

constexpr std::int32_t kInput = 1;
constexpr std::int32_t kOutput = 2;

/// Makes graphs of at most 64 * `Words` nodes, each of which is one bit.
template <std::size_t Words>
class TableGraphMaker final : public GraphMaker {
 public:
  using Set = NodeSet<Words>;

  TableGraphMaker(const SpaceTables& tables, const RowTables& rows)
      : rows_(rows), nodes_(tables.nodes), fixed_(tables.nodes.size()) {
    std::map<std::pair<std::uint32_t, std::vector<std::uint32_t>>, std::size_t> groups;
    for (const ConditionalEdge& edge : tables.edges) {
      if (edge.conditions.empty()) {
        fixed_[edge.target].insert(edge.source);
      } else if (edge.conditions.size() == 1) {
        add_to_group(edge, tables.tables[edge.conditions[0]], groups);
      } else {
        guarded_.push_back(edge);
      }
    }
  }

  void make(const std::int16_t* row, const std::uint8_t* active,
            EdgeListGraph& graph) const override {
    thread_local Scratch of_thread;
    Scratch& scratch = of_thread;  // its address is looked up once
    scratch.predecessors = fixed_;
    scratch.operations.resize(nodes_.size());
    const bool bypasses = read_operations(row, active, scratch);
    read_edges(row, scratch);
    if (bypasses) bridge(scratch);
    write_living(scratch, graph);
  }

 private:
  struct Scratch {
    std::vector<Set> predecessors;         // [V]
    std::vector<std::int32_t> operations;  // [V]
    std::vector<std::uint16_t> number;     // [V]
  };

  /// Predecessors of one node that the same decisions decide upon.
  struct Group {
    std::uint32_t target;
    std::uint32_t table;  // any of those decisions: only the place in it is looked up
    std::vector<Set> sources;
  };

  void add_to_group(
      const ConditionalEdge& edge, const ChoiceTable& table,
      std::map<std::pair<std::uint32_t, std::vector<std::uint32_t>>, std::size_t>& groups) {
    const auto [found, is_new] = groups.try_emplace({edge.target, table.decisions}, groups_.size());
    if (is_new) {
      groups_.push_back({edge.target, edge.conditions[0], std::vector<Set>(table.values.size())});
    }
    std::vector<Set>& sources = groups_[found->second].sources;
    for (std::size_t place = 0; place < sources.size(); ++place) {
      if (table.values[place] != 0) sources[place].insert(edge.source);
    }
  }

  bool read_operations(const std::int16_t* row, const std::uint8_t* active,
                       Scratch& scratch) const {
    bool bypasses = false;
    for (std::size_t node = 0; node < nodes_.size(); ++node) {
      const auto [table, decision] = nodes_[node];
      const bool is_left_out = active != nullptr && decision >= 0 && active[decision] == 0;
      scratch.operations[node] = is_left_out ? kBypass : rows_.value(table, row);
      bypasses |= scratch.operations[node] < 0;
    }
    return bypasses;
  }

  void read_edges(const std::int16_t* row, Scratch& scratch) const {
    for (const Group& group : groups_) {
      scratch.predecessors[group.target] |= group.sources[rows_.place(group.table, row)];
    }
    for (const ConditionalEdge& edge : guarded_) {
      const bool exists =
          std::all_of(edge.conditions.begin(), edge.conditions.end(),
                      [&](std::uint32_t condition) { return rows_.value(condition, row) != 0; });
      if (exists) scratch.predecessors[edge.target].insert(edge.source);
    }
  }

  /// Lets what feeds a node that is left out feed what it would have fed.
  static void bridge(Scratch& scratch) {
    for (std::size_t node = 1; node < scratch.operations.size(); ++node) {
      Set& before = scratch.predecessors[node];
      const Set listed = before;
      listed.for_each([&](std::size_t source) {
        if (scratch.operations[source] >= 0) return;
        before.erase(source);
        before |= scratch.predecessors[source];
      });
    }
  }

  static void write_living(Scratch& scratch, EdgeListGraph& graph) {
    const Set living = find_living(scratch);
    graph.clear();
    scratch.number.resize(scratch.operations.size());
    living.for_each([&](std::size_t node) {
      const auto target = static_cast<std::uint16_t>(graph.operations.size());
      scratch.number[node] = target;
      graph.operations.push_back(scratch.operations[node]);
      Set before = scratch.predecessors[node];
      before &= living;
      before.for_each(
          [&](std::size_t source) { graph.edges.push_back({scratch.number[source], target}); });
    });
  }

  /// The nodes on a path from an input to the output, and those two.
  static Set find_living(const Scratch& scratch) {
    const std::size_t nodes = scratch.operations.size();
    Set reached;
    Set reaching;
    Set ends;
    for (std::size_t node = 0; node < nodes; ++node) {
      const std::int32_t operation = scratch.operations[node];
      if (operation == kInput || operation == kOutput) ends.insert(node);
      if (operation == kOutput) reaching.insert(node);
      if (operation == kInput || (operation > 0 && scratch.predecessors[node].meets(reached))) {
        reached.insert(node);
      }
    }
    for (std::size_t node = nodes; node-- > 0;) {
      if (reaching.contains(node) && scratch.operations[node] > 0) {
        reaching |= scratch.predecessors[node];
      }
    }
    reached &= reaching;
    reached |= ends;
    return reached;
  }

  const RowTables& rows_;
  std::vector<TableNode> nodes_;
  std::vector<Set> fixed_;
  std::vector<Group> groups_;
  std::vector<ConditionalEdge> guarded_;
};

/// Makes the cells of NAS-Bench-101.
class CellGraphMaker final : public GraphMaker {
 public:
  void make(const std::int16_t* row, const std::uint8_t* /*active*/,
            EdgeListGraph& graph) const override {
    const nasbench101::Cell cell = nasbench101::decode_valid(row);
    graph.clear();
    graph.operations.assign(cell.operations.begin(), cell.operations.begin() + cell.vertices);
    for (std::uint16_t target = 1; target < cell.vertices; ++target) {
      for (std::uint16_t source = 0; source < target; ++source) {
        if ((cell.successors[source] >> target & 1U) != 0) graph.edges.push_back({source, target});
      }
    }
  }
};

[[noreturn]] void refuse(const std::string& what, std::size_t number, const std::string& reason) {
  throw std::invalid_argument(what + " " + std::to_string(number) + ": " + reason);
}

void check_nodes(const SpaceTables& tables, const RowTables& rows) {
  for (std::size_t node = 0; node < tables.nodes.size(); ++node) {
    const auto [table, decision] = tables.nodes[node];
    if (table >= rows.size()) refuse("node", node, "there is no such table");
    if (decision >= static_cast<std::int32_t>(tables.choices.size())) {
      refuse("node", node, "there is no such decision");
    }
    const auto values = rows.values(table);
    if (*std::min_element(values.begin(), values.end()) < kBypass) {
      refuse("node", node, "an operation id is below -1");
    }
  }
}

void check_edges(const SpaceTables& tables, const RowTables& rows) {
  for (std::size_t index = 0; index < tables.edges.size(); ++index) {
    const ConditionalEdge& edge = tables.edges[index];
    if (edge.source >= edge.target || edge.target >= tables.nodes.size()) {
      refuse("edge", index, "it does not lead forward among the nodes");
    }
    for (const std::uint32_t condition : edge.conditions) {
      if (condition >= rows.size()) refuse("edge", index, "there is no such table");
    }
  }
}

}  // namespace

std::unique_ptr<const GraphMaker> make_graph_maker(const SpaceTables& tables,
                                                   const RowTables& rows) {
  if (tables.has_nasbench101_cells) {
    if (!std::ranges::equal(tables.choices, nasbench101::kChoices)) {
      throw std::invalid_argument("cells of NAS-Bench-101 have other decisions");
    }
    return std::make_unique<CellGraphMaker>();
  }
  check_nodes(tables, rows);
  check_edges(tables, rows);
  const std::size_t nodes = tables.nodes.size();
  if (nodes <= 64) return std::make_unique<TableGraphMaker<1>>(tables, rows);
  if (nodes <= 256) return std::make_unique<TableGraphMaker<4>>(tables, rows);
  if (nodes <= 1024) return std::make_unique<TableGraphMaker<16>>(tables, rows);
  throw std::invalid_argument("a graph has at most 1024 nodes, not " + std::to_string(nodes));
}

}  // namespace ctnas
