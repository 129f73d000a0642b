#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <variant>

namespace ctnas {

/// An ONNX model: a file, or its bytes.
using ModelSource = std::variant<std::filesystem::path, std::span<const std::byte>>;

}  // namespace ctnas
