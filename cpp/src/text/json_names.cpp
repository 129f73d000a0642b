#include "text/json_names.hpp"

#include <charconv>
#include <cstdint>

#include "ctnas/error.hpp"

namespace ctnas {
namespace {

/// Reads from the front of a text.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool is_at_end() const { return rest_.empty(); }

  void skip_blanks() {
    const std::size_t first = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(first == std::string_view::npos ? rest_.size() : first);
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
    throw ModelError("it is no JSON list of names from '" + std::string(rest_.substr(0, 20)) +
                     "' on");
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

std::vector<std::string> parse_json_names(std::string_view text) {
  Reader reader(text);
  std::vector<std::string> names;
  reader.skip_blanks();
  reader.require('[');
  reader.skip_blanks();
  if (!reader.take_if(']')) {
    do {
      reader.skip_blanks();
      names.push_back(read_string(reader));
      reader.skip_blanks();
    } while (reader.take_if(','));
    reader.require(']');
  }
  reader.skip_blanks();
  if (!reader.is_at_end()) reader.refuse();
  return names;
}

}  // namespace ctnas
