/// \file
/// The few things that differ between operating systems.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

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

/// The file of the library that an address lies in; empty if the loader does not know.
[[nodiscard]] std::filesystem::path library_of(const void* address);

/// The address of a function of a library, or of one that it needs; null if the library is not open
/// or has no such function.
[[nodiscard]] void* find_loaded_symbol(const std::filesystem::path& library, const char* name);

/// Libraries through which CUDA's runtime can be found while its execution provider is loaded.
[[nodiscard]] std::vector<std::filesystem::path> cuda_runtime_libraries(
    const std::filesystem::path& onnxruntime);

/// Names under which the system loader may know ONNX Runtime.
[[nodiscard]] std::span<const char* const> system_runtime_names() noexcept;

}  // namespace ctnas
