#pragma once

#include <algorithm>
#include <memory>
#include <stdexcept>
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
        constraints(tables.constraints),
        isomorphic(tables.has_nasbench101_cells) {
    for (const auto& combination : constraints.forbidden) check_conditions(tables, combination);
  }

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

  /// Whether a row keeps all constraints.
  [[nodiscard]] bool is_allowed(const std::int16_t* row) const {
    thread_local std::vector<std::uint8_t> active;
    if (!constraints.forbidden.empty()) {
      active.resize(changes.decisions());
      changes.activity(row, active.data());
    }
    for (const auto& combination : constraints.forbidden) {
      const bool is_made =
          std::all_of(combination.begin(), combination.end(), [&](const ChoiceCondition& one) {
            return active[one.decision] != 0 &&
                   one.is_allowed[static_cast<std::size_t>(row[one.decision])] != 0;
          });
      if (is_made) return false;
    }
    if (constraints.most_edges < 0) return true;
    thread_local EdgeListGraph graph;
    make_graph(row, graph);
    return static_cast<std::int64_t>(graph.edges.size()) <= constraints.most_edges;
  }

  /// Writes a changed row: the first of some that keeps the constraints, or the canonical parent.
  template <typename Change>
  void change(const std::int16_t* parent, std::int16_t* row, const Change& make_change) const {
    constexpr int kAttempts = 64;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      std::copy_n(parent, changes.decisions(), row);
      make_change(row);
      if (!constraints.are_any() || is_allowed(row)) return;
    }
    std::copy_n(parent, changes.decisions(), row);
    changes.make_canonical(row);
  }

  /// Draws a row that keeps the constraints.
  void draw(std::int16_t* row, RandomBits& random) const {
    constexpr int kAttempts = 100'000;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      changes.draw(row, random);
      if (!constraints.are_any() || is_allowed(row)) return;
    }
    throw std::runtime_error("hardly any row of choices keeps the constraints of the space");
  }

  /// The hash that tells different architectures apart.
  [[nodiscard]] std::uint64_t hash(const EdgeListGraph& graph) const {
    return isomorphic ? isomorphism_hash(graph) : exact_hash(graph);
  }

  RowChanges changes;
  RowTables rows;
  std::unique_ptr<const GraphMaker> maker;
  std::size_t nodes;
  SpaceConstraints constraints;
  bool isomorphic;
};

}  // namespace ctnas
