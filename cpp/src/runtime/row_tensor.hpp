#pragma once

#include <cstddef>

#include "embedding/comparator_graph.hpp"
#include "runtime/session.hpp"

namespace ctnas {

/// What one architecture takes of a tensor of our models.
[[nodiscard]] std::size_t bytes_of_row(Role role, std::size_t nodes);

/// `rows` rows that begin at `data`, as a tensor of the model.
[[nodiscard]] Tensor make_row_tensor(const NamedRole& role, std::size_t nodes, const void* data,
                                     std::size_t rows);

}  // namespace ctnas
