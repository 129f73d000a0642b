#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "ctnas/space_text.hpp"
#include "spaces/row_changes.hpp"

namespace ctnas {

/// What writes and reads one row of decisions.
class SpaceText::Form {
 public:
  explicit Form(const TextForm& form);
  Form(const Form&) = delete;
  Form& operator=(const Form&) = delete;
  virtual ~Form() = default;

  /// \throws InvalidInput saying what is wrong with the text
  virtual void parse(std::string_view text, std::int16_t* row) const = 0;

  /// Appends the text of a valid row.
  virtual void format(const std::int16_t* row, std::string& text) const = 0;

  [[nodiscard]] const RowChanges& changes() const noexcept { return changes_; }

 private:
  RowChanges changes_;
};

[[nodiscard]] std::unique_ptr<const SpaceText::Form> make_named_form(const TextForm& form);
[[nodiscard]] std::unique_ptr<const SpaceText::Form> make_pattern_form(const TextForm& form);
[[nodiscard]] std::unique_ptr<const SpaceText::Form> make_cell_form(const TextForm& form);

}  // namespace ctnas
