/// \file
/// Chebyshev polynomials of degree < 13 on a cell of width 1, and what sigmoid(x + y) becomes when
/// x and y are both replaced by the interpolation nodes of their cells.
///
/// A cell [key, key + 1) is mapped to t in [-1, 1] by t = 2 (x - key) - 1.  sigmoid is analytic for
/// abs(Im) < pi, so interpolation at the 13 zeros t_r of T_13 errs by less than 3e-13 on one side
/// and 9e-13 on both.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace ctnas::chebyshev {

inline constexpr std::size_t kTerms = 13;

/// One number for each node t_r, or for each polynomial T_k.
using Terms = std::array<double, kTerms>;

/// M_k = sum of T_k(t) over the given positions.
[[nodiscard]] Terms moments(std::span<const double> positions);

/// Weights w_r with sum_r w_r f(t_r) = the sum of f over the positions behind the moments, for
/// every polynomial f of degree < 13.
[[nodiscard]] Terms node_weights(const Terms& moments);

/// Coefficients c_k of the polynomial sum_k c_k T_k that has the given values at the nodes.
[[nodiscard]] Terms coefficients(const Terms& node_values);

/// values[n] = sum_k c_k T_k(positions[n]), by Clenshaw's recurrence.
void evaluate(const Terms& coefficients, std::span<const double> positions,
              std::span<double> values);

/// Cells whose keys sum to `kFirstSum` or more and less than `kPastLastSum` interact.  Below,
/// sigmoid is 0 and from there on 1, to within 5e-18.
inline constexpr int kFirstSum = -42;
inline constexpr int kPastLastSum = 40;

/// Adds to node_values[l] the sum over r of weights[r] * sigmoid(x_l + y_r), where the keys of the
/// two cells sum to `key_sum`.
void add_interaction(int key_sum, const Terms& weights, Terms& node_values);

}  // namespace ctnas::chebyshev
