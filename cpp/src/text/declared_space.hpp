#pragma once

#include <string_view>

#include "ctnas/space.hpp"
#include "ctnas/space_text.hpp"

namespace ctnas {

/// A space as the metadata of an exported comparator declare it.
struct DeclaredSpace {
  SpaceTables tables;
  TextForm text;
};

/// Reads what `declaration_text` writes in Python.
/// \throws ModelError if the text is damaged, or from a newer version
[[nodiscard]] DeclaredSpace read_declaration(std::string_view text);

}  // namespace ctnas
