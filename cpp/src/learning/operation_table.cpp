#include "learning/operation_table.hpp"

#include <algorithm>

#include "learning/learning_kernels.hpp"

namespace ctnas {

void fill_operation_table(const OperationShares& shares, const float* rows, std::size_t padded,
                          float* table) {
  const LearningKernels& kernels = learning_kernels();
  std::fill_n(table, shares.operations() * padded, 0.0F);
  for (std::size_t operation = 0; operation < shares.operations(); ++operation) {
    for (std::uint32_t at = shares.first[operation]; at < shares.first[operation + 1]; ++at) {
      kernels.accumulate(rows + shares.row[at] * padded, shares.share[at], padded,
                         table + operation * padded);
    }
  }
}

void add_operation_rows(const OperationShares& shares, const float* table, std::size_t padded,
                        float* rows) {
  const LearningKernels& kernels = learning_kernels();
  for (std::size_t operation = 0; operation < shares.operations(); ++operation) {
    for (std::uint32_t at = shares.first[operation]; at < shares.first[operation + 1]; ++at) {
      kernels.accumulate(table + operation * padded, shares.share[at], padded,
                         rows + shares.row[at] * padded);
    }
  }
}

}  // namespace ctnas
