#include "spaces/row_changes.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "ctnas/error.hpp"
#include "ctnas/nasbench101.hpp"

namespace ctnas {

void check_conditions(const SpaceTables& tables, const std::vector<ChoiceCondition>& conditions) {
  const auto& choices = tables.choices;
  for (const auto& [decision, is_allowed] : conditions) {
    const bool fits = decision < choices.size() &&
                      is_allowed.size() == static_cast<std::size_t>(choices[decision]);
    if (fits) continue;
    throw std::invalid_argument("a condition on decision " + std::to_string(decision) +
                                " does not fit the choices");
  }
}

RowChanges::RowChanges(const SpaceTables& tables)
    : choices_(tables.choices),
      active_(tables.active),
      has_nasbench101_cells_(tables.has_nasbench101_cells) {
  if (choices_.empty() || *std::ranges::min_element(choices_) < 1) {
    throw std::invalid_argument("a space needs decisions, and each of them choices");
  }
  for (const ConditionalDecision& conditional : active_) {
    check_conditions(tables, conditional.conditions);
    if (conditional.decision < choices_.size()) continue;
    throw std::invalid_argument("there is no decision " + std::to_string(conditional.decision));
  }
}

void RowChanges::require_valid(const std::int16_t* row, std::size_t number) const {
  for (std::size_t t = 0; t < choices_.size(); ++t) {
    if (row[t] >= 0 && row[t] < choices_[t]) continue;
    throw InvalidInput("row " + std::to_string(number) + ", decision " + std::to_string(t) +
                       ": choice " + std::to_string(row[t]) + " is not in 0.." +
                       std::to_string(choices_[t] - 1));
  }
}

void RowChanges::activity(const std::int16_t* row, std::uint8_t* active) const {
  std::fill_n(active, choices_.size(), std::uint8_t{1});
  for (const ConditionalDecision& conditional : active_) {
    for (const auto& [decision, is_allowed] : conditional.conditions) {
      const bool holds =
          active[decision] != 0 && is_allowed[static_cast<std::size_t>(row[decision])] != 0;
      if (!holds) active[conditional.decision] = 0;
    }
  }
}

void RowChanges::make_canonical(std::int16_t* row) const {
  if (has_nasbench101_cells_) {
    const std::span values(row, choices_.size());
    nasbench101::encode(nasbench101::decode_valid(row), values);
  }
  if (active_.empty()) return;
  thread_local std::vector<std::uint8_t> active;
  active.resize(choices_.size());
  activity(row, active.data());
  for (std::size_t t = 0; t < choices_.size(); ++t) {
    if (active[t] == 0) row[t] = 0;
  }
}

void RowChanges::mutate(std::int16_t* row, RandomBits& random) const {
  thread_local std::vector<std::uint8_t> was_active;
  thread_local std::vector<std::uint32_t> changeable;
  was_active.resize(choices_.size());
  activity(row, was_active.data());
  changeable.clear();
  for (std::uint32_t t = 0; t < choices_.size(); ++t) {
    if (was_active[t] != 0 && choices_[t] > 1) changeable.push_back(t);
  }
  if (!changeable.empty()) {
    const std::uint32_t t = changeable[random.below(static_cast<std::uint32_t>(changeable.size()))];
    const auto step = 1 + random.below(static_cast<std::uint32_t>(choices_[t] - 1));
    row[t] = static_cast<std::int16_t>((row[t] + static_cast<std::int32_t>(step)) % choices_[t]);
    if (!active_.empty()) draw_newly_active(row, was_active.data(), random);
  }
  make_canonical(row);
}

void RowChanges::draw_newly_active(std::int16_t* row, const std::uint8_t* was_active,
                                   RandomBits& random) const {
  // Those that others depend on come first: what is drawn decides what else matters.
  thread_local std::vector<std::uint8_t> active;
  active.resize(choices_.size());
  activity(row, active.data());
  for (const ConditionalDecision& conditional : active_) {
    const std::uint32_t t = conditional.decision;
    if (active[t] == 0 || was_active[t] != 0) continue;
    row[t] = drawn(t, random);
    activity(row, active.data());
  }
}

void RowChanges::draw(std::int16_t* row, RandomBits& random) const {
  for (std::size_t t = 0; t < choices_.size(); ++t) row[t] = drawn(t, random);
  make_canonical(row);
}

std::int16_t RowChanges::drawn(std::size_t decision, RandomBits& random) const {
  return static_cast<std::int16_t>(random.below(static_cast<std::uint32_t>(choices_[decision])));
}

}  // namespace ctnas
