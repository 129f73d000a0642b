#include <algorithm>
#include <vector>

#include "ctnas/error.hpp"
#include "text/choice_names.hpp"
#include "text/graph_text.hpp"
#include "text/text_form.hpp"

namespace ctnas {
namespace {

/// `decision=choice,decision=choice` in any order, without the decisions that are not active.
class NamedForm final : public SpaceText::Form {
 public:
  explicit NamedForm(const TextForm& form) : Form(form) {
    names_.reserve(form.decisions.size());
    for (const NamedDecision& decision : form.decisions) {
      columns_.emplace(decision.name, names_.size());
      names_.emplace_back(decision);
    }
  }

  void parse(std::string_view text, std::int16_t* row) const override {
    thread_local std::vector<std::uint8_t> is_made;
    is_made.assign(names_.size(), 0);
    std::fill_n(row, names_.size(), std::int16_t{0});
    std::string_view rest = trim(text);
    for (bool is_last = false; !is_last;) {
      const std::size_t end = std::min(rest.find(','), rest.size());
      is_last = end == rest.size();
      read_part(rest.substr(0, end), text, row, is_made);
      if (!is_last) rest.remove_prefix(end + 1);
    }
    complete(text, row, is_made);
  }

  void format(const std::int16_t* row, std::string& text) const override {
    thread_local std::vector<std::uint8_t> active;
    active.resize(names_.size());
    changes().activity(row, active.data());
    bool is_first = true;
    for (std::size_t column = 0; column < names_.size(); ++column) {
      if (active[column] == 0) continue;
      if (!is_first) text += ',';
      is_first = false;
      text.append(names_[column].decision())
          .append(1, '=')
          .append(names_[column].text(row[column]));
    }
  }

 private:
  void read_part(std::string_view part, std::string_view whole, std::int16_t* row,
                 std::vector<std::uint8_t>& is_made) const {
    const std::size_t sign = part.find('=');
    const auto found = columns_.find(trim(part.substr(0, sign)));
    if (sign == std::string_view::npos || found == columns_.end()) refuse(part);
    const std::size_t column = found->second;
    if (is_made[column] != 0) {
      throw InvalidInput("decision " + quoted(names_[column].decision()) +
                         " is made twice: " + quoted(whole));
    }
    is_made[column] = 1;
    row[column] = names_[column].find(trim(part.substr(sign + 1)));
  }

  [[noreturn]] void refuse(std::string_view part) const {
    std::string known;
    for (const ChoiceNames& names : names_) known += (known.empty() ? "" : ", ") + names.decision();
    throw InvalidInput(quoted(trim(part)) + " is no decision=choice; decisions are " + known);
  }

  /// Sets what is not active to the first choice, whatever was said of it.
  void complete(std::string_view text, std::int16_t* row,
                const std::vector<std::uint8_t>& is_made) const {
    thread_local std::vector<std::uint8_t> active;
    active.resize(names_.size());
    changes().activity(row, active.data());
    for (std::size_t column = 0; column < names_.size(); ++column) {
      if (active[column] == 0) row[column] = 0;
      if (active[column] == 0 || is_made[column] != 0) continue;
      throw InvalidInput("decision " + quoted(names_[column].decision()) +
                         " is missing: " + quoted(text));
    }
  }

  std::vector<ChoiceNames> names_;
  TextMap<std::size_t> columns_;
};

}  // namespace

std::unique_ptr<const SpaceText::Form> make_named_form(const TextForm& form) {
  return std::make_unique<NamedForm>(form);
}

}  // namespace ctnas
