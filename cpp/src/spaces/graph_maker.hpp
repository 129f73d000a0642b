#pragma once

#include <cstdint>
#include <memory>

#include "ctnas/space.hpp"
#include "spaces/edge_list_graph.hpp"
#include "spaces/row_tables.hpp"

namespace ctnas {

/// Turns one row of decisions into its graph without dead nodes.
class GraphMaker {
 public:
  GraphMaker() = default;
  GraphMaker(const GraphMaker&) = delete;
  GraphMaker& operator=(const GraphMaker&) = delete;
  virtual ~GraphMaker() = default;

  /// \param row a valid row, canonical where some decisions do not always matter
  /// \param active [T], which decisions matter; null where all always do
  virtual void make(const std::int16_t* row, const std::uint8_t* active,
                    EdgeListGraph& graph) const = 0;
};

/// \param rows the tables of `tables`; they must outlive the maker
/// \throws std::invalid_argument naming the node or the edge that cannot be
[[nodiscard]] std::unique_ptr<const GraphMaker> make_graph_maker(const SpaceTables& tables,
                                                                 const RowTables& rows);

}  // namespace ctnas
