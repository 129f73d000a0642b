#pragma once

#include <memory>
#include <vector>

#include "ctnas/space.hpp"
#include "spaces/graph_maker.hpp"
#include "spaces/row_changes.hpp"
#include "spaces/row_tables.hpp"

namespace ctnas {

struct Space::State {
  explicit State(const SpaceTables& tables)
      : changes(tables),
        rows(tables.tables, tables.choices),
        maker(make_graph_maker(tables, rows)),
        nodes(tables.has_nasbench101_cells ? std::size_t{7} : tables.nodes.size()),
        isomorphic(tables.has_nasbench101_cells) {}

  /// The graph of a valid row.
  void make_graph(const std::int16_t* row, EdgeListGraph& graph) const {
    if (!changes.is_conditional()) {
      maker->make(row, nullptr, graph);
      return;
    }
    thread_local std::vector<std::int16_t> canonical;
    thread_local std::vector<std::uint8_t> active;
    canonical.assign(row, row + changes.decisions());
    active.resize(canonical.size());
    changes.make_canonical(canonical.data());
    changes.activity(canonical.data(), active.data());
    maker->make(canonical.data(), active.data(), graph);
  }

  /// The hash that tells different architectures apart.
  [[nodiscard]] std::uint64_t hash(const EdgeListGraph& graph) const {
    return isomorphic ? isomorphism_hash(graph) : exact_hash(graph);
  }

  RowChanges changes;
  RowTables rows;
  std::unique_ptr<const GraphMaker> maker;
  std::size_t nodes;
  bool isomorphic;
};

}  // namespace ctnas
