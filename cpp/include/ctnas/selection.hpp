#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ctnas {

/// The k probabilities with the highest confidence abs(p - 0.5), Eq. 9: the most confident first,
/// of equals the lower index first.
/// \return [k] indices
/// \throws std::invalid_argument if k > P, or naming an entry that is not a probability
[[nodiscard]] std::vector<std::int64_t> top_k_confident(std::span<const double> probability,
                                                        std::size_t k);

/// The `top` best scores: the highest first, of equals the lower index first.
/// \return [top] indices
/// \throws std::invalid_argument if top > N, or naming an entry that is NaN
[[nodiscard]] std::vector<std::int64_t> best_first(std::span<const double> score, std::size_t top);

}  // namespace ctnas
