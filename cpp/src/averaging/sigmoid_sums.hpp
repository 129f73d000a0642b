#pragma once

#include <cstddef>
#include <span>

#include "ctnas/poll.hpp"

namespace ctnas {

/// sums[i] = sum over j of sigmoid(x[i] + y[j]), in time linear in the lengths.
///
/// Numbers are sorted into cells of width 1.  The y of a cell act through 13 weights at the cell's
/// Chebyshev nodes, and what they do is computed at the 13 nodes of each x cell only; between them
/// it is a polynomial.  The error is below 9e-13 times the number of y.
///
/// \param x, y finite numbers, at least one each
void add_up_sigmoids(std::span<const double> x, std::span<const double> y, std::size_t threads,
                     std::span<double> sums, const Poll& poll);

}  // namespace ctnas
