#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <string>

namespace ctnas {

/// A number as short as it can be read back, for messages.
[[nodiscard]] inline std::string number_text(double number) {
  if (std::isnan(number)) return "nan";  // whatever its sign bit is
  std::array<char, 32> text;
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr};
}

}  // namespace ctnas
