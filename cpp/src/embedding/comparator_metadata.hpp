#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "text/declared_space.hpp"

namespace ctnas {

using Metadata = std::map<std::string, std::string>;

/// Name of the search space that a comparator was made for.
/// \throws ModelError if the metadata do not name it
[[nodiscard]] std::string read_space(const Metadata& metadata);

/// What the metadata declare of that space, if anything.
/// \throws ModelError if the declaration is damaged
[[nodiscard]] std::optional<DeclaredSpace> read_declared_space(const Metadata& metadata);

/// Names of the operations: padding, input, output, and others.
/// \throws ModelError unless there are `size` of them, and these come first
[[nodiscard]] std::vector<std::string> read_vocabulary(const Metadata& metadata, std::int64_t size);

}  // namespace ctnas
