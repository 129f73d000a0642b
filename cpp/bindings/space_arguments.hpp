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

}  // namespace ctnas::bindings
