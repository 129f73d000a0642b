#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ctnas/space_text.hpp"

namespace ctnas {

/// Looks up texts without copying them.
struct TextHash : std::hash<std::string_view> {
  using is_transparent = void;
};
template <typename Value>
using TextMap = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

/// Finds the choices of one decision by their texts.
class ChoiceNames {
 public:
  explicit ChoiceNames(const NamedDecision& decision);

  [[nodiscard]] const std::string& decision() const noexcept { return decision_.name; }
  [[nodiscard]] std::size_t size() const noexcept { return decision_.choices.size(); }
  [[nodiscard]] const std::string& text(std::int16_t choice) const {
    return decision_.choices[static_cast<std::size_t>(choice)];
  }

  /// The choice of that name, or of that number however it is written.
  /// \throws InvalidInput if there is none; of numbers, the message names the nearest
  [[nodiscard]] std::int16_t find(std::string_view text) const;

  /// The choice that is written like this.
  /// \throws InvalidInput as `find` does
  [[nodiscard]] std::int16_t find_written(std::string_view text) const;

 private:
  [[nodiscard]] std::optional<std::int16_t> find_number(double number) const;
  [[noreturn]] void refuse(std::string_view text, std::optional<double> number) const;

  NamedDecision decision_;
  TextMap<std::int16_t> places_;
};

/// The number that a whole text is, as programs write it.
[[nodiscard]] std::optional<double> read_number(std::string_view text);

}  // namespace ctnas
