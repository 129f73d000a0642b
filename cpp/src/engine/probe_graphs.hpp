#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "embedding/comparator_graph.hpp"

namespace ctnas {

inline constexpr std::size_t kProbes = 16;

/// Arbitrary graphs, denser and odder than those of any space, for one computation to be checked
/// against another.
struct ProbeGraphs {
  explicit ProbeGraphs(const ComparatorSize& size, unsigned seed = 1);

  std::vector<std::uint8_t> adjacency;   // [kProbes, V, V]
  std::vector<std::int64_t> operations;  // [kProbes, V]
};

/// Whether two computations differ by rounding only; never true where one is not a number.
[[nodiscard]] bool agree(std::span<const float> a, std::span<const float> b);

}  // namespace ctnas
