/// \file
/// The few things that differ between operating systems.
#pragma once

#include <filesystem>
#include <span>

namespace ctnas {

[[nodiscard]] int process_id() noexcept;

/// Sets an environment variable of this process unless it has a value already.
void set_default_environment(const char* name, const char* value);

/// Opens a shared library and keeps it open for the rest of the process.
/// \throws ProviderError with the loader's own text.
[[nodiscard]] void* open_library(const std::filesystem::path& path);

/// The address of an exported function.
/// \throws ProviderError if the library does not export it.
[[nodiscard]] void* find_symbol(void* library, const char* name);

/// Names under which the system loader may know ONNX Runtime.
[[nodiscard]] std::span<const char* const> system_runtime_names() noexcept;

}  // namespace ctnas
