#pragma once

#include <filesystem>

namespace ctnas {

/// Refuses an ELF library that is shorter than its own headers say.  The system loader maps such a
/// file without a look at its length, and the process dies of SIGBUS at the first missing page.
/// Files of any other kind pass: the loader has good messages for them.
/// \throws ProviderError
void require_complete_library(const std::filesystem::path& path);

}  // namespace ctnas
