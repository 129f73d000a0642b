#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ctnas {

/// A value of JSON.  All that reads one refuses what has another kind.
/// \throws ModelError naming what was needed
class JsonValue {
 public:
  enum class Kind : std::uint8_t { kNull, kBoolean, kNumber, kText, kList, kTable };
  using Entry = std::pair<std::string, JsonValue>;

  [[nodiscard]] Kind kind() const noexcept { return kind_; }

  /// A text as UTF-8.
  [[nodiscard]] const std::string& text() const;

  /// A text, or a number as it is written.
  [[nodiscard]] const std::string& word() const;

  [[nodiscard]] double number() const;

  /// A whole number in [least, most].
  [[nodiscard]] std::int64_t whole(std::int64_t least, std::int64_t most) const;

  [[nodiscard]] const std::vector<JsonValue>& list() const;

  /// The entries of a table, in their order.
  [[nodiscard]] const std::vector<Entry>& table() const;

  /// An entry of a table, or nothing.
  [[nodiscard]] const JsonValue* find(std::string_view name) const;

  /// An entry that must be there.
  [[nodiscard]] const JsonValue& at(std::string_view name) const;

 private:
  friend class JsonReader;

  void require(Kind kind, const char* name) const;

  Kind kind_ = Kind::kNull;
  std::string text_;  // also of a number or a truth value
  std::vector<JsonValue> list_;
  std::vector<Entry> table_;
};

/// \throws ModelError if the text is no JSON, or nested deeper than 64 times
[[nodiscard]] JsonValue parse_json(std::string_view text);

}  // namespace ctnas
