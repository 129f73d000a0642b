#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "ctnas/poll.hpp"

namespace ctnas {

/// A value for each combination of choices of some decisions; the last decision varies fastest.
struct ChoiceTable {
  std::vector<std::uint32_t> decisions;  ///< none: the one value always holds
  std::vector<std::int32_t> values;
};

/// The operation of a node that is left out: what feeds it feeds all that it would have fed.
inline constexpr std::int32_t kBypass = -1;

/// A node: its operation, and whether it is there at all.
struct TableNode {
  std::uint32_t table = 0;     ///< of operation ids; 0 is no node, no path leads through it
  std::int32_t decision = -1;  ///< bypassed, as `kBypass` says, where that decision does not matter
};

/// An edge that exists where every one of its tables has another value than 0.
struct ConditionalEdge {
  std::uint32_t source = 0;
  std::uint32_t target = 0;               ///< above `source`: nodes stand in topological order
  std::vector<std::uint32_t> conditions;  ///< indices of tables
};

/// Choices of which a decision must have made one.
struct ChoiceCondition {
  std::uint32_t decision = 0;            ///< does not hold where that one does not matter
  std::vector<std::uint8_t> is_allowed;  ///< [choices of that decision]
};

/// A decision that matters only where each of its conditions holds.
struct ConditionalDecision {
  using Condition = ChoiceCondition;
  std::uint32_t decision = 0;
  std::vector<Condition> conditions;
};

/// Which rows are architectures, where not all are.
struct SpaceConstraints {
  std::vector<std::vector<ChoiceCondition>> forbidden;  ///< in none of them all conditions hold
  std::int64_t most_edges = -1;  ///< of a graph without dead nodes; -1: any number

  [[nodiscard]] bool are_any() const { return !forbidden.empty() || most_edges >= 0; }
};

/// A search space as plain values.
struct SpaceTables {
  std::vector<std::int16_t> choices;        ///< [T], how many each decision has
  std::vector<ConditionalDecision> active;  ///< those that others depend on come first
  std::vector<ChoiceTable> tables;
  std::vector<TableNode> nodes;  ///< [V]
  std::vector<ConditionalEdge> edges;
  SpaceConstraints constraints;
  bool has_nasbench101_cells = false;  ///< rows are cells of `nasbench101`: no nodes here
};

/// A search space at work: rows of decisions become graphs, other rows and hashes.
///
/// All calls take and fill N rows, run on up to `threads` threads (0: one for every core) and give
/// the same results whatever their number.
class Space {
 public:
  /// \throws std::invalid_argument naming the table, node or edge that cannot be
  explicit Space(const SpaceTables& tables);
  ~Space();
  Space(Space&&) noexcept;
  Space& operator=(Space&&) noexcept;

  [[nodiscard]] std::size_t decisions() const noexcept;     ///< T
  [[nodiscard]] std::size_t nodes() const noexcept;         ///< V
  [[nodiscard]] std::vector<std::int16_t> choices() const;  ///< [T], how many each decision has

  using Rows = std::span<const std::int16_t>;  ///< [N, T]

  /// \throws InvalidInput naming the first choice that does not exist, as all of the below do
  void require_valid(Rows rows) const;

  /// Which decisions matter.  \param active [N, T], written
  void activity(Rows rows, std::span<std::uint8_t> active, std::size_t threads,
                const Poll& poll) const;

  /// Rows of which equal ones stand for one text.  \param canonical [N, T], written
  void canonical(Rows rows, std::span<std::int16_t> canonical, std::size_t threads,
                 const Poll& poll) const;

  /// Graphs without dead nodes.
  /// \param adjacency [N, V, V], written
  /// \param operations [N, V], written
  void graphs(Rows rows, std::span<std::uint8_t> adjacency, std::span<std::int64_t> operations,
              std::size_t threads, const Poll& poll) const;

  /// Graphs as above, and the hashes of them as below.
  void graphs_and_hashes(Rows rows, std::span<std::uint8_t> adjacency,
                         std::span<std::int64_t> operations, std::span<std::uint64_t> hashes,
                         std::size_t threads, const Poll& poll) const;

  /// Whether some rows are no architectures.
  [[nodiscard]] bool is_constrained() const noexcept;

  /// Which rows keep all constraints.  \param allowed [N], written
  void allowed(Rows rows, std::span<std::uint8_t> allowed, std::size_t threads,
               const Poll& poll) const;

  /// 64 bits of each graph, equal for equal graphs; for isomorphic ones in the case of cells.
  void hashes(Rows rows, std::span<std::uint64_t> hashes, std::size_t threads,
              const Poll& poll) const;

  /// Canonical rows in which one decision that matters was changed, uniformly.  Changes that break
  /// a constraint are drawn again; a row all of whose changes do so stays.
  void mutants(Rows parents, std::uint64_t seed, std::span<std::int16_t> mutants,
               std::size_t threads, const Poll& poll) const;

  /// Canonical rows that take each decision from one of two parents; the first one where what is
  /// drawn keeps breaking a constraint.
  void crossovers(Rows first, Rows second, std::uint64_t seed, std::span<std::int16_t> children,
                  std::size_t threads, const Poll& poll) const;

  /// Canonical rows in which every decision is uniform; they may repeat.  Rows that break a
  /// constraint are drawn again.
  /// \throws std::runtime_error if hardly any row keeps the constraints
  void sample(std::uint64_t seed, std::span<std::int16_t> rows, std::size_t threads,
              const Poll& poll) const;

 private:
  struct State;
  std::unique_ptr<const State> state_;
};

}  // namespace ctnas
