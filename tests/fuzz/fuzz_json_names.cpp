/// \file
/// Any text is a list of names, equal when it is written and read again, or is refused.
#include <string_view>

#include "claim.hpp"
#include "ctnas/error.hpp"
#include "text/json_names.hpp"

namespace {

std::string write(const std::vector<std::string>& names) {
  std::string text = "[";
  for (const std::string& name : names) {
    if (text.size() > 1) text += ",";
    text += '"';
    for (const char character : name) {
      constexpr std::string_view kHex = "0123456789abcdef";
      const auto code = static_cast<unsigned char>(character);
      if (code < 0x20 || character == '"' || character == '\\') {
        text.append("\\u00").append({kHex[code >> 4U], kHex[code & 0xfU]});
      } else {
        text += character;
      }
    }
    text += '"';
  }
  return text + "]";
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto names = ctnas::parse_json_names({reinterpret_cast<const char*>(data), size});
    ctnas::fuzz::claim(ctnas::parse_json_names(write(names)) == names, "names survive");
  } catch (const ctnas::ModelError&) {
    return 0;
  }
  return 0;
}
