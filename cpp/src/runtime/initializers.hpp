#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace ctnas {

/// A float32 tensor of a model.
struct Initializer {
  std::vector<std::uint64_t> shape;
  std::vector<float> values;
};

/// Reads the float32 initializers that an ONNX model holds itself, by name.
///
/// Tensors of other types or in other files are left out, as is everything from the first malformed
/// byte on: whether a model is valid is for ONNX Runtime to say.
[[nodiscard]] std::map<std::string, Initializer> read_initializers(
    std::span<const std::byte> model);

}  // namespace ctnas
