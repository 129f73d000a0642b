#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ctnas {

/// The strings of a JSON array of strings, as UTF-8.
/// \throws ModelError if the text is anything else
[[nodiscard]] std::vector<std::string> parse_json_names(std::string_view text);

}  // namespace ctnas
