#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "ctnas/space_text.hpp"

namespace ctnas {

/// A pattern cut into what stands always, what stands where a decision is active, and fields.
struct PatternPart {
  enum class Kind : std::uint8_t {
    kLiteral,  ///< `literal` itself
    kField,    ///< the choice of `column`, or the `part`-th of its parts
    kOpen,     ///< what follows up to the next `kClose` is there where `column` is active
    kClose,
  };
  Kind kind = Kind::kLiteral;
  std::string literal;
  std::uint32_t column = 0;
  std::uint32_t part = 0;  ///< 0: the whole choice

  /// Of a field: the signs one of which follows it; nothing where the text ends behind it.
  std::string ends;
};

/// Reads a pattern, so that a text can be read from left to right without a look back.
/// \throws std::invalid_argument naming what is wrong with it
[[nodiscard]] std::vector<PatternPart> read_pattern(std::string_view pattern,
                                                    const std::vector<NamedDecision>& decisions);

/// The parts that commas divide a choice into.
[[nodiscard]] std::vector<std::string> parts_of_choice(std::string_view choice);

}  // namespace ctnas
