/// \file
/// What Python says of a space in plain lists and tuples.
#pragma once

#include <pybind11/stl.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "ctnas/space.hpp"

namespace ctnas::bindings {

/// For each decision that is not always active, what others must have chosen.
using Condition = std::pair<std::uint32_t, std::vector<std::uint8_t>>;
using Conditional = std::pair<std::uint32_t, std::vector<Condition>>;

[[nodiscard]] inline std::vector<ConditionalDecision> to_active(
    const std::vector<Conditional>& active) {
  std::vector<ConditionalDecision> all;
  for (const auto& [decision, conditions] : active) {
    ConditionalDecision& conditional = all.emplace_back();
    conditional.decision = decision;
    for (const auto& [deciding, allowed] : conditions) {
      conditional.conditions.push_back({deciding, allowed});
    }
  }
  return all;
}

/// Combinations of choices that are no architectures, and the most edges; -1 for any number.
[[nodiscard]] inline SpaceConstraints to_constraints(
    const std::vector<std::vector<Condition>>& forbidden, std::int64_t most_edges) {
  SpaceConstraints constraints{{}, most_edges};
  for (const auto& combination : forbidden) {
    auto& conditions = constraints.forbidden.emplace_back();
    for (const auto& [decision, allowed] : combination) conditions.push_back({decision, allowed});
  }
  return constraints;
}

}  // namespace ctnas::bindings
