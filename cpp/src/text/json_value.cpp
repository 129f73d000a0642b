#include "text/json_value.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "ctnas/error.hpp"
#include "text/choice_names.hpp"

namespace ctnas {
namespace {

constexpr int kMostLevels = 64;

/// Reads from the front of a text.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool is_at_end() const { return rest_.empty(); }

  void skip_blanks() {
    const std::size_t first = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(first == std::string_view::npos ? rest_.size() : first);
  }

  [[nodiscard]] bool is_next(char character) const {
    return !rest_.empty() && rest_.front() == character;
  }

  [[nodiscard]] bool take_if(char character) {
    if (rest_.empty() || rest_.front() != character) return false;
    rest_.remove_prefix(1);
    return true;
  }

  [[nodiscard]] std::string_view take(std::size_t count) {
    if (rest_.size() < count) refuse();
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  void require(char character) {
    if (!take_if(character)) refuse();
  }

  [[noreturn]] void refuse() const {
    throw ModelError("it is no JSON from '" + std::string(rest_.substr(0, 20)) + "' on");
  }

  /// What stands in front of the first other sign.
  [[nodiscard]] std::string_view take_all(std::string_view signs) {
    return take(std::min(rest_.find_first_not_of(signs), rest_.size()));
  }

 private:
  std::string_view rest_;
};

std::uint32_t read_code_unit(Reader& reader) {
  const std::string_view digits = reader.take(4);
  std::uint32_t unit = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + 4, unit, 16);
  if (error != std::errc{} || end != digits.data() + 4) reader.refuse();
  return unit;
}

/// What follows `\u`: a character, or the first half of one beyond 16 bits and `\u` with the other.
std::uint32_t read_code_point(Reader& reader) {
  const std::uint32_t unit = read_code_unit(reader);
  if (unit < 0xd800 || unit > 0xdfff) return unit;
  if (unit > 0xdbff || reader.take(2) != "\\u") reader.refuse();
  const std::uint32_t low = read_code_unit(reader);
  if (low < 0xdc00 || low > 0xdfff) reader.refuse();
  return 0x10000U + ((unit - 0xd800U) << 10U) + (low - 0xdc00U);
}

void append_utf8(std::uint32_t code, std::string& text) {
  const auto append = [&text](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) return append(code);
  if (code < 0x800) {
    append(0xc0U | code >> 6U);
  } else if (code < 0x10000) {
    append(0xe0U | code >> 12U);
    append(0x80U | (code >> 6U & 0x3fU));
  } else {
    append(0xf0U | code >> 18U);
    append(0x80U | (code >> 12U & 0x3fU));
    append(0x80U | (code >> 6U & 0x3fU));
  }
  append(0x80U | (code & 0x3fU));
}

void read_escape(Reader& reader, std::string& text) {
  constexpr std::string_view kEscapes = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  const char escape = reader.take(1).front();
  if (escape == 'u') return append_utf8(read_code_point(reader), text);
  const std::size_t index = kEscapes.find(escape);
  if (index == std::string_view::npos) reader.refuse();
  text += kMeanings[index];
}

std::string read_string(Reader& reader) {
  reader.require('"');
  std::string text;
  while (!reader.take_if('"')) {
    const char character = reader.take(1).front();
    if (static_cast<unsigned char>(character) < 0x20) reader.refuse();
    if (character == '\\') {
      read_escape(reader, text);
    } else {
      text += character;
    }
  }
  return text;
}

}  // namespace

/// Reads values; a friend of what it fills.
class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : reader_(text) {}

  JsonValue read_all() {
    JsonValue value = read(0);
    reader_.skip_blanks();
    if (!reader_.is_at_end()) reader_.refuse();
    return value;
  }

 private:
  JsonValue read(int level) {
    if (level > kMostLevels) reader_.refuse();
    JsonValue value;
    reader_.skip_blanks();
    if (reader_.take_if('[')) {
      value.kind_ = JsonValue::Kind::kList;
      read_items(']', [&] { value.list_.push_back(read(level + 1)); });
    } else if (reader_.take_if('{')) {
      value.kind_ = JsonValue::Kind::kTable;
      read_items('}', [&] { value.table_.push_back(read_entry(level)); });
    } else if (reader_.is_next('"')) {
      value.kind_ = JsonValue::Kind::kText;
      value.text_ = read_string(reader_);
    } else {
      read_word(value);
    }
    return value;
  }

  template <typename ReadItem>
  void read_items(char end, const ReadItem& read_item) {
    reader_.skip_blanks();
    if (reader_.take_if(end)) return;
    do {
      read_item();
      reader_.skip_blanks();
    } while (reader_.take_if(','));
    reader_.require(end);
  }

  JsonValue::Entry read_entry(int level) {
    reader_.skip_blanks();
    std::string name = read_string(reader_);
    reader_.skip_blanks();
    reader_.require(':');
    return {std::move(name), read(level + 1)};
  }

  void read_word(JsonValue& value) {
    value.text_ = reader_.take_all("+-.0123456789abcdefghijklmnopqrstuvwxyzE");
    if (value.text_ == "true" || value.text_ == "false") {
      value.kind_ = JsonValue::Kind::kBoolean;
    } else if (value.text_ != "null") {
      value.kind_ = JsonValue::Kind::kNumber;
      if (!read_number(value.text_)) reader_.refuse();
    }
  }

  Reader reader_;
};

void JsonValue::require(Kind kind, const char* name) const {
  if (kind_ != kind) throw ModelError(std::string("a JSON value is no ") + name);
}

const std::string& JsonValue::text() const {
  require(Kind::kText, "text");
  return text_;
}

const std::string& JsonValue::word() const {
  if (kind_ != Kind::kText) require(Kind::kNumber, "text or number");
  return text_;
}

double JsonValue::number() const {
  require(Kind::kNumber, "number");
  return read_number(text_).value();
}

std::int64_t JsonValue::whole(std::int64_t least, std::int64_t most) const {
  require(Kind::kNumber, "number");
  std::int64_t number = 0;
  const char* const last = text_.data() + text_.size();
  const auto [end, error] = std::from_chars(text_.data(), last, number);
  if (error == std::errc{} && end == last && number >= least && number <= most) return number;
  throw ModelError("a JSON value is " + text_ + ": needed a whole number from " +
                   std::to_string(least) + " to " + std::to_string(most));
}

const std::vector<JsonValue>& JsonValue::list() const {
  require(Kind::kList, "list");
  return list_;
}

const std::vector<JsonValue::Entry>& JsonValue::table() const {
  require(Kind::kTable, "table");
  return table_;
}

const JsonValue* JsonValue::find(std::string_view name) const {
  for (const auto& [key, value] : table()) {
    if (key == name) return &value;
  }
  return nullptr;
}

const JsonValue& JsonValue::at(std::string_view name) const {
  if (const JsonValue* value = find(name)) return *value;
  throw ModelError("a JSON table has no '" + std::string(name) + "'");
}

JsonValue parse_json(std::string_view text) { return JsonReader(text).read_all(); }

}  // namespace ctnas
