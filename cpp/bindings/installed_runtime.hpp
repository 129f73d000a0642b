#pragma once

#include <filesystem>
#include <optional>

#include "ctnas/runtime.hpp"

namespace ctnas::bindings {

/// The library of the installed package `onnxruntime`, found without importing that.
[[nodiscard]] std::optional<std::filesystem::path> find_installed_runtime();

/// Loads ONNX Runtime, by default the one of the installed package `onnxruntime`.
[[nodiscard]] Runtime load_runtime(
    const std::optional<std::filesystem::path>& requested = std::nullopt);

}  // namespace ctnas::bindings
