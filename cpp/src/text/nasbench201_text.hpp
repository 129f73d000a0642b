#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/drawn_graph.hpp"

namespace ctnas {

/// Reads a cell of NAS-Bench-201, `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`, as a graph in which the
/// operation on edge (i, j) feeds those on all edges (j, k); `none` is padding.
/// Source: Dong and Yang, "NAS-Bench-201", ICLR 2020.
/// \throws InvalidInput saying what is wrong
[[nodiscard]] DrawnGraph parse_nasbench201(std::string_view text,
                                           std::span<const std::string> vocabulary);

}  // namespace ctnas
