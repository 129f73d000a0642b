#include "text/text_pattern.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "text/graph_text.hpp"

namespace ctnas {
namespace {

using Kind = PatternPart::Kind;

[[noreturn]] void refuse(std::string_view pattern, const std::string& reason) {
  throw std::invalid_argument("text " + quoted(pattern) + ": " + reason);
}

/// Cuts a pattern into parts.
class Cutter {
 public:
  Cutter(std::string_view pattern, const std::vector<NamedDecision>& decisions)
      : pattern_(pattern), rest_(pattern), decisions_(decisions) {}

  std::vector<PatternPart> cut() {
    while (!rest_.empty()) next();
    if (is_open_) refuse(pattern_, "a '[' has no ']'");
    return std::move(parts_);
  }

 private:
  void next() {
    const char sign = rest_.front();
    const bool is_special = std::string_view("{}[]").find(sign) != std::string_view::npos;
    const bool is_doubled = is_special && rest_.size() > 1 && rest_[1] == sign;
    if (!is_special || is_doubled) {
      add_literal(sign);
      rest_.remove_prefix(is_doubled ? 2 : 1);
    } else if (sign == '{') {
      add_field();
    } else if (sign == '[' && !is_open_) {
      is_open_ = true;
      parts_.push_back({Kind::kOpen, {}, kNone, 0, {}});
      rest_.remove_prefix(1);
    } else if (sign == ']' && is_open_) {
      close();
    } else {
      refuse(pattern_, "a single " + quoted(std::string(1, sign)) + " that belongs to no other");
    }
  }

  void add_literal(char sign) {
    if (parts_.empty() || parts_.back().kind != Kind::kLiteral) {
      parts_.push_back({Kind::kLiteral, {}, 0, 0, {}});
    }
    parts_.back().literal += sign;
  }

  void add_field() {
    const std::size_t end = rest_.find('}');
    if (end == std::string_view::npos) refuse(pattern_, "a '{' has no '}'");
    PatternPart field = find_field(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    if (is_open_) {
      const auto open = std::find_if(parts_.rbegin(), parts_.rend(), [](const PatternPart& part) {
        return part.kind == Kind::kOpen;
      });
      if (open->column == kNone) open->column = field.column;
    }
    parts_.push_back(std::move(field));
  }

  void close() {
    const auto open = std::find_if(parts_.rbegin(), parts_.rend(), [](const PatternPart& part) {
      return part.kind == Kind::kOpen;
    });
    if (open->column == kNone) refuse(pattern_, "no decision stands between '[' and ']'");
    is_open_ = false;
    parts_.push_back({Kind::kClose, {}, 0, 0, {}});
    rest_.remove_prefix(1);
  }

  [[nodiscard]] PatternPart find_field(std::string_view name) const {
    if (const auto column = find_decision(name); column != kNone) {
      return {Kind::kField, {}, column, 0, {}};
    }
    const std::size_t mark = name.rfind(':');
    const std::string_view number = name.substr(std::min(mark, name.size() - 1) + 1);
    std::uint32_t part = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), part);
    const auto column = find_decision(name.substr(0, mark));
    const bool is_part = mark != std::string_view::npos && error == std::errc{} &&
                         end == number.data() + number.size() && part > 0;
    if (!is_part || column == kNone) refuse(pattern_, "there is no decision " + quoted(name));
    return {Kind::kField, {}, column, part, {}};
  }

  [[nodiscard]] std::uint32_t find_decision(std::string_view name) const {
    const auto found =
        std::find_if(decisions_.begin(), decisions_.end(),
                     [&](const NamedDecision& decision) { return decision.name == name; });
    return found == decisions_.end() ? kNone
                                     : static_cast<std::uint32_t>(found - decisions_.begin());
  }

  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  std::string_view pattern_;
  std::string_view rest_;
  const std::vector<NamedDecision>& decisions_;
  std::vector<PatternPart> parts_;
  bool is_open_ = false;
};

/// The signs that may follow a part: those that begin groups, and what always stands behind them.
std::string signs_behind(std::string_view pattern, const std::vector<PatternPart>& parts,
                         std::size_t at) {
  std::string signs;
  bool is_inside = false;  // of a group that may be left out
  for (++at; at < parts.size(); ++at) {
    const PatternPart& part = parts[at];
    if (part.kind == Kind::kField && !is_inside) {
      refuse(pattern, "two decisions need a sign between them that tells where the first one ends");
    }
    if (part.kind == Kind::kOpen) {
      is_inside = true;
      signs += parts[at + 1].literal.front();
    }
    if (part.kind == Kind::kClose) is_inside = false;
    if (part.kind == Kind::kLiteral && !is_inside) return signs + part.literal.front();
  }
  return signs;
}

/// \throws std::invalid_argument if what always stands behind a group begins as the group does
void check_groups(std::string_view pattern, const std::vector<PatternPart>& parts) {
  for (std::size_t at = 0; at + 1 < parts.size(); ++at) {
    if (parts[at].kind != Kind::kOpen) continue;
    if (parts[at + 1].kind != Kind::kLiteral) refuse(pattern, "'[' must be followed by a sign");
    std::size_t behind = at;
    while (parts[behind].kind != Kind::kClose) ++behind;
    const bool is_unclear = behind + 1 < parts.size() && parts[behind + 1].kind == Kind::kLiteral &&
                            parts[behind + 1].literal.starts_with(parts[at + 1].literal);
    if (is_unclear) refuse(pattern, "what follows ']' begins as what it closes");
  }
}

/// \throws std::invalid_argument if a choice has a sign that would end it
void check_choices(std::string_view pattern, const PatternPart& field,
                   const NamedDecision& decision) {
  for (const std::string& choice : decision.choices) {
    const std::vector<std::string> parts = parts_of_choice(choice);
    if (field.part > parts.size()) {
      refuse(pattern, "choice " + quoted(choice) + " of decision " + quoted(decision.name) +
                          " has no part " + std::to_string(field.part));
    }
    const std::string& text = field.part == 0 ? choice : parts[field.part - 1];
    const std::size_t end = text.find_first_of(field.ends);
    if (field.ends.empty() || end == std::string::npos) continue;
    refuse(pattern, "choice " + quoted(choice) + " of decision " + quoted(decision.name) + " has " +
                        quoted(text.substr(end, 1)) + ", which tells where a choice ends");
  }
}

}  // namespace

std::vector<std::string> parts_of_choice(std::string_view choice) {
  std::vector<std::string> parts;
  for (const std::string_view part : split(choice, ',')) parts.emplace_back(part);
  return parts;
}

std::vector<PatternPart> read_pattern(std::string_view pattern,
                                      const std::vector<NamedDecision>& decisions) {
  std::vector<PatternPart> parts = Cutter(pattern, decisions).cut();
  check_groups(pattern, parts);
  for (std::size_t at = 0; at < parts.size(); ++at) {
    if (parts[at].kind != Kind::kField) continue;
    // Behind the last field of a group stands what stands behind the group.
    parts[at].ends = signs_behind(pattern, parts, at);
    check_choices(pattern, parts[at], decisions[parts[at].column]);
  }
  return parts;
}

}  // namespace ctnas
