#include <algorithm>
#include <array>
#include <stdexcept>
#include <vector>

#include "ctnas/error.hpp"
#include "text/choice_names.hpp"
#include "text/graph_text.hpp"
#include "text/text_form.hpp"
#include "text/text_pattern.hpp"

namespace ctnas {
namespace {

using Kind = PatternPart::Kind;

/// Texts with fields, as `TextForm::pattern` says.
class PatternForm final : public SpaceText::Form {
 public:
  explicit PatternForm(const TextForm& form)
      : Form(form),
        pattern_(form.pattern),
        parts_(read_pattern(form.pattern, form.decisions)),
        is_written_(form.decisions.size()) {
    for (const NamedDecision& decision : form.decisions) names_.emplace_back(decision);
    for (const PatternPart& part : parts_) add(part);
    for (std::uint32_t column = 0; column < names_.size(); ++column) add_unwritten(form, column);
    divided_.resize(names_.size());
    for (const PatternPart& part : parts_) {
      if (part.kind == Kind::kField && part.part != 0) divide(form.decisions[part.column], part);
    }
  }

  void parse(std::string_view text, std::int16_t* row) const override {
    thread_local Reading reading;
    reading.begin(trim(text), groups_.size(), names_.size());
    std::fill_n(row, names_.size(), std::int16_t{0});
    read_parts(text, row, reading);
    for (const std::uint32_t column : divided_columns_) {
      const auto& parts = reading.parts[column];
      if (parts[0].data() != nullptr) row[column] = find_divided(column, parts);
    }
    infer(text, row, reading);
    changes().make_canonical(row);
  }

  void format(const std::int16_t* row, std::string& text) const override {
    thread_local std::vector<std::int16_t> said;
    thread_local std::vector<std::uint8_t> active;
    said.assign(row, row + names_.size());
    active.resize(names_.size());
    changes().make_canonical(said.data());
    changes().activity(said.data(), active.data());
    bool is_left_out = false;
    for (const PatternPart& part : parts_) {
      if (part.kind == Kind::kOpen) is_left_out = active[part.column] == 0;
      if (part.kind == Kind::kClose) is_left_out = false;
      if (is_left_out) continue;
      if (part.kind == Kind::kLiteral) text += part.literal;
      if (part.kind == Kind::kField) text += field_text(part, said[part.column]);
    }
  }

 private:
  /// A text that is being read.
  struct Reading {
    std::string_view rest;
    std::vector<std::uint8_t> is_there;                  // [groups]
    std::vector<std::array<std::string_view, 2>> parts;  // [T], of choices that are divided

    void begin(std::string_view text, std::size_t groups, std::size_t columns) {
      rest = text;
      is_there.assign(groups, 0);
      parts.assign(columns, {});
    }
  };

  /// A decision whose choices are written in parts.
  struct Divided {
    std::vector<std::array<std::string, 2>> parts;  // [choices]; nothing if it is written whole
  };

  /// A decision that is not written: it follows from the groups that are there.
  struct Unwritten {
    std::uint32_t column;
    std::vector<std::size_t> groups;  // that depend on it
  };

  void add(const PatternPart& part) {
    if (part.kind == Kind::kOpen) groups_.push_back(part.column);
    if (part.kind != Kind::kField) return;
    // A bit for the whole choice or for each of its parts.
    const auto bit = static_cast<std::uint8_t>(1U << part.part);
    std::uint8_t& written = is_written_[part.column];
    if ((written & bit) != 0 || part.part > 2 ||
        (written != 0 && (written & 1U) == (part.part != 0))) {
      throw std::invalid_argument("text " + quoted(pattern_) + ": it tells decision " +
                                  quoted(names_[part.column].decision()) + " twice");
    }
    written |= bit;
  }

  void add_unwritten(const TextForm& form, std::uint32_t column) {
    if (is_written_[column] != 0 || form.decisions[column].choices.size() == 1) return;
    Unwritten unwritten{column, {}};
    for (const ConditionalDecision& conditional : form.active) {
      const bool depends = std::ranges::any_of(
          conditional.conditions, [&](const auto& one) { return one.decision == column; });
      for (std::size_t group = 0; depends && group < groups_.size(); ++group) {
        if (groups_[group] == conditional.decision) unwritten.groups.push_back(group);
      }
    }
    if (unwritten.groups.empty()) {
      throw std::invalid_argument("text " + quoted(pattern_) + ": it does not tell decision " +
                                  quoted(form.decisions[column].name));
    }
    unwritten_.push_back(std::move(unwritten));
  }

  void divide(const NamedDecision& decision, const PatternPart& field) {
    Divided& divided = divided_[field.column];
    if (!divided.parts.empty()) return;
    if (is_written_[field.column] != 6) {
      throw std::invalid_argument("text " + quoted(pattern_) + ": it tells one part of decision " +
                                  quoted(decision.name));
    }
    divided_columns_.push_back(field.column);
    for (const std::string& choice : decision.choices) {
      const std::vector<std::string> parts = parts_of_choice(choice);
      if (parts.size() != 2) {
        throw std::invalid_argument("text " + quoted(pattern_) + ": choice " + quoted(choice) +
                                    " does not have two parts");
      }
      divided.parts.push_back({parts[0], parts[1]});
    }
  }

  [[nodiscard]] const std::string& field_text(const PatternPart& field, std::int16_t choice) const {
    if (field.part == 0) return names_[field.column].text(choice);
    return divided_[field.column].parts[static_cast<std::size_t>(choice)][field.part - 1];
  }

  void read_parts(std::string_view text, std::int16_t* row, Reading& reading) const {
    std::size_t group = 0;
    for (std::size_t at = 0; at < parts_.size(); ++at) {
      const PatternPart& part = parts_[at];
      if (part.kind == Kind::kLiteral) {
        if (!reading.rest.starts_with(part.literal)) refuse(text, part.literal, reading);
        reading.rest.remove_prefix(part.literal.size());
      } else if (part.kind == Kind::kField) {
        read_field(part, row, reading);
      } else if (part.kind == Kind::kOpen) {
        const bool is_there = reading.rest.starts_with(parts_[at + 1].literal);
        reading.is_there[group++] = is_there ? 1 : 0;
        while (!is_there && parts_[at].kind != Kind::kClose) ++at;
      }
    }
    if (!reading.rest.empty()) refuse(text, "its end", reading);
  }

  void read_field(const PatternPart& field, std::int16_t* row, Reading& reading) const {
    const std::size_t end =
        field.ends.empty() ? std::string_view::npos : reading.rest.find_first_of(field.ends);
    const std::string_view said = reading.rest.substr(0, end);
    reading.rest.remove_prefix(said.size());
    if (field.part == 0) {
      row[field.column] = names_[field.column].find_written(said);
      return;
    }
    reading.parts[field.column][field.part - 1] = said;
  }

  [[nodiscard]] std::int16_t find_divided(std::uint32_t column,
                                          const std::array<std::string_view, 2>& said) const {
    const auto& choices = divided_[column].parts;
    for (std::size_t choice = 0; choice < choices.size(); ++choice) {
      if (choices[choice][0] == said[0] && choices[choice][1] == said[1]) {
        return static_cast<std::int16_t>(choice);
      }
    }
    return names_[column].find_written(std::string(said[0]).append(1, ',').append(said[1]));
  }

  /// Sets what is not written to the first choice that the groups agree with.
  void infer(std::string_view text, std::int16_t* row, const Reading& reading) const {
    thread_local std::vector<std::uint8_t> active;
    active.resize(names_.size());
    const auto agree = [&](std::size_t group) {
      return (active[groups_[group]] != 0) == (reading.is_there[group] != 0);
    };
    for (const auto& [column, groups] : unwritten_) {
      bool is_found = false;
      for (std::size_t choice = 0; !is_found && choice < names_[column].size(); ++choice) {
        row[column] = static_cast<std::int16_t>(choice);
        changes().activity(row, active.data());
        is_found = std::ranges::all_of(groups, agree);
      }
    }
    changes().activity(row, active.data());
    for (std::size_t group = 0; group < groups_.size(); ++group) {
      if (agree(group)) continue;
      throw InvalidInput("decision " + quoted(names_[groups_[group]].decision()) +
                         (reading.is_there[group] != 0 ? " is not active in " : " is missing: ") +
                         quoted(text));
    }
  }

  [[noreturn]] void refuse(std::string_view text, std::string_view needed,
                           const Reading& reading) const {
    throw InvalidInput("an architecture is written " + quoted(pattern_) + ", not " + quoted(text) +
                       ": needed " + quoted(needed) + " at " + quoted(reading.rest));
  }

  std::string pattern_;
  std::vector<PatternPart> parts_;
  std::vector<std::uint8_t> is_written_;  // [T]
  std::vector<ChoiceNames> names_;        // [T]
  std::vector<Divided> divided_;          // [T]
  std::vector<std::uint32_t> divided_columns_;
  std::vector<std::uint32_t> groups_;  // the decision that says whether it is there
  std::vector<Unwritten> unwritten_;
};

}  // namespace

std::unique_ptr<const SpaceText::Form> make_pattern_form(const TextForm& form) {
  return std::make_unique<PatternForm>(form);
}

}  // namespace ctnas
