#pragma once

#include <cstddef>

#include "ctnas/learning.hpp"

namespace ctnas {

/// table [O, padded] = shares [O, R] times rows [R, padded].
void fill_operation_table(const OperationShares& shares, const float* rows, std::size_t padded,
                          float* table);

/// rows += the transposed shares times the table: how gradients come back.
void add_operation_rows(const OperationShares& shares, const float* table, std::size_t padded,
                        float* rows);

}  // namespace ctnas
