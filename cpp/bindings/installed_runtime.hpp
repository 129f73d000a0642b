#pragma once

#include "ctnas/runtime.hpp"

namespace ctnas::bindings {

/// Loads ONNX Runtime, by default the one of the installed package `onnxruntime`.
[[nodiscard]] Runtime load_runtime(
    const std::optional<std::filesystem::path>& requested = std::nullopt);

}  // namespace ctnas::bindings
