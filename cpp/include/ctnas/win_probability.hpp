#pragma once

#include <cstddef>
#include <span>

#include "ctnas/comparison.hpp"
#include "ctnas/poll.hpp"

namespace ctnas {

/// Mean probability to win against all others, Eq. 5, with p from Eq. 6:
///
///     s_i = 1 / (N - 1) * sum over j != i of sigmoid(challenger_i + opponent_j)
///
/// The time is linear in N: sums over opponents are taken in Chebyshev moments.  The absolute error
/// is below 1e-12 for any logits, and the result does not depend on the number of threads.
///
/// \param threads up to this many work; 0: one for each core
/// \param win_probability [N], written
/// \throws std::invalid_argument if N < 2, lengths differ, or naming a logit that is not finite
void mean_win_probability(const Logits& logits, std::size_t threads,
                          std::span<double> win_probability, const Poll& poll = {});

/// The same by the definition, in N^2 steps: to check the fast one.
void mean_win_probability_direct(const Logits& logits, std::size_t threads,
                                 std::span<double> win_probability, const Poll& poll = {});

/// Mean probability to win against a set of M others: the sum over all j, divided by M.
///
/// \param challenger [N]
/// \param opponents [M], M >= 1
/// \param win_probability [N], written
/// \throws std::invalid_argument if M < 1, lengths differ, or naming a logit that is not finite
void mean_win_probability_against(std::span<const double> challenger,
                                  std::span<const double> opponents, std::size_t threads,
                                  std::span<double> win_probability, const Poll& poll = {});

}  // namespace ctnas
