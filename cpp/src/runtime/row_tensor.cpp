#include "runtime/row_tensor.hpp"

#include <algorithm>

namespace ctnas {

std::size_t bytes_of_row(Role role, std::size_t nodes) {
  switch (role) {
    case Role::kAdjacency:
      return nodes * nodes * sizeof(std::uint8_t);
    case Role::kOperations:
      return nodes * sizeof(std::int64_t);
    case Role::kScore:
      break;
  }
  return sizeof(float);
}

Tensor make_row_tensor(const NamedRole& role, std::size_t nodes, const void* data,
                       std::size_t rows) {
  const TensorType type = declared_type(role, nodes);
  // Inputs and outputs pass through one type of the interface; inputs are not written to.
  Tensor tensor{role.name,
                type.element,
                const_cast<void*>(data),
                rows * bytes_of_row(role.role, nodes),
                {},
                type.dimensions.size()};
  std::copy(type.dimensions.begin(), type.dimensions.end(), tensor.shape.begin());
  tensor.shape[0] = static_cast<std::int64_t>(rows);
  return tensor;
}

}  // namespace ctnas
