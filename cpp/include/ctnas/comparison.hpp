/// \file
/// Probabilities from logits: P(i better than j) = sigmoid(challenger_logit_i + opponent_logit_j),
/// Eq. 3 and 6.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ctnas/poll.hpp"

namespace ctnas {

/// Logits of the same N architectures in their two parts.
struct Logits {
  std::span<const double> challenger;  ///< [N]
  std::span<const double> opponent;    ///< [N]
};

/// P pairs of architectures, by their places in the logits.
struct Pairs {
  std::span<const std::int64_t> first;   ///< [P]
  std::span<const std::int64_t> second;  ///< [P]
};

/// P(challenger n better than opponent n).
/// \param probability [N], written
/// \throws std::invalid_argument if lengths differ
void compare(const Logits& logits, std::span<double> probability);

/// P(first better than second) of each pair.
/// \param probability [P], written
/// \throws std::invalid_argument if lengths differ
/// \throws std::out_of_range naming the first pair whose index is not in [0, N)
void pair_probability(const Logits& logits, const Pairs& pairs, std::span<double> probability);

/// Pairs that were chosen, most confident first.
struct SelectedPairs {
  std::vector<std::int64_t> index;  ///< [k], places in the pairs
  std::vector<double> probability;  ///< [k], of the chosen pairs
};

/// Alg. 3, lines 3 to 6: the k pairs that the comparator is most confident about.
/// \throws what pair_probability and top_k_confident throw
[[nodiscard]] SelectedPairs explore_pairs(const Logits& logits, const Pairs& pairs, std::size_t k);

}  // namespace ctnas
