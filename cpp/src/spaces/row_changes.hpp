#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ctnas/space.hpp"
#include "spaces/random_bits.hpp"

namespace ctnas {

/// \throws std::invalid_argument unless conditions are on decisions of a space and their choices
void check_conditions(const SpaceTables& tables, const std::vector<ChoiceCondition>& conditions);

/// What can be done with one row of decisions, besides making its graph.
class RowChanges {
 public:
  /// \throws std::invalid_argument if a decision or a condition cannot be
  explicit RowChanges(const SpaceTables& tables);

  [[nodiscard]] std::size_t decisions() const noexcept { return choices_.size(); }

  [[nodiscard]] const std::vector<std::int16_t>& choices() const noexcept { return choices_; }

  /// Whether some decisions do not always matter.
  [[nodiscard]] bool is_conditional() const noexcept { return !active_.empty(); }

  /// \throws InvalidInput naming the first choice that does not exist
  void require_valid(const std::int16_t* row, std::size_t number) const;

  /// \param active [T], written
  void activity(const std::int16_t* row, std::uint8_t* active) const;

  /// Makes a row the one that stands for all with the same text.
  void make_canonical(std::int16_t* row) const;

  /// Changes one decision that matters; those that matter only now are drawn.
  void mutate(std::int16_t* row, RandomBits& random) const;

  /// Draws every decision.
  void draw(std::int16_t* row, RandomBits& random) const;

 private:
  void draw_newly_active(std::int16_t* row, const std::uint8_t* was_active,
                         RandomBits& random) const;
  [[nodiscard]] std::int16_t drawn(std::size_t decision, RandomBits& random) const;

  std::vector<std::int16_t> choices_;
  std::vector<ConditionalDecision> active_;
  bool has_nasbench101_cells_;
};

}  // namespace ctnas
