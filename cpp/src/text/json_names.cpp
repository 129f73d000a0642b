#include "text/json_names.hpp"

#include "text/json_value.hpp"

namespace ctnas {

std::vector<std::string> parse_json_names(std::string_view text) {
  const JsonValue list = parse_json(text);
  std::vector<std::string> names;
  for (const JsonValue& name : list.list()) names.push_back(name.text());
  return names;
}

}  // namespace ctnas
