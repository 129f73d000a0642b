#include "engine/probe_graphs.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace ctnas {

ProbeGraphs::ProbeGraphs(const ComparatorSize& size, unsigned seed)
    : adjacency(kProbes * size.nodes * size.nodes), operations(kProbes * size.nodes) {
  std::minstd_rand draw(seed);  // the same numbers everywhere
  const auto vocabulary = static_cast<std::uint64_t>(size.vocabulary_size);
  for (std::int64_t& operation : operations) {
    operation = static_cast<std::int64_t>(draw() % vocabulary);
  }
  for (std::size_t row = 0; row < operations.size(); ++row) {
    const std::size_t from = row % size.nodes;
    for (std::size_t to = from + 1; to < size.nodes; ++to) {
      adjacency[row * size.nodes + to] = draw() % 3 == 0 ? 1 : 0;
    }
  }
}

bool agree(std::span<const float> a, std::span<const float> b) {
  constexpr float kTolerance = 5e-5F;
  float largest = 1.0F;
  for (const float value : a) largest = std::max(largest, std::abs(value));
  // An infinite tolerance would let anything pass.
  return std::isfinite(largest) &&
         std::equal(a.begin(), a.end(), b.begin(), [largest](float left, float right) {
           return std::abs(left - right) <= kTolerance * largest;
         });
}

}  // namespace ctnas
