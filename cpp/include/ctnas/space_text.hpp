#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ctnas/poll.hpp"
#include "ctnas/space.hpp"

namespace ctnas {

/// A decision as texts name it.
struct NamedDecision {
  std::string name;
  std::vector<std::string> choices;
  std::vector<double> numbers;  ///< values of the choices; nothing where they are names
};

/// How architectures of a space are written.
struct TextForm {
  std::vector<NamedDecision> decisions;     ///< [T]
  std::vector<ConditionalDecision> active;  ///< those that others depend on come first

  /// A text with fields, or nothing: architectures are written `decision=choice,decision=choice`.
  ///
  /// `{decision}` stands for its choice, and `{decision:2}` for the second of the parts that commas
  /// divide the choice into.  What stands in `[...]` is written where the first decision in there
  /// is active.  Signs that are meant themselves are doubled: `{{`, `}}`, `[[`, `]]`.  A decision
  /// that is not written follows from which of these are there.
  std::string pattern;

  bool has_nasbench101_cells = false;  ///< as matrix and operations, see `parse_graph_text`
};

/// Rows of decisions as texts, and back.  Threads may share one.
class SpaceText {
 public:
  /// \throws std::invalid_argument saying what is wrong with the form
  explicit SpaceText(const TextForm& form);
  ~SpaceText();
  SpaceText(SpaceText&&) noexcept;
  SpaceText& operator=(SpaceText&&) noexcept;

  [[nodiscard]] std::size_t decisions() const noexcept;  ///< T

  /// \param row [T], written
  /// \throws InvalidInput saying what is wrong with the text
  void parse(std::string_view text, std::span<std::int16_t> row) const;

  /// The text of a row [T] of choices that exist.
  [[nodiscard]] std::string format(std::span<const std::int16_t> row) const;

  /// Reads many texts on up to `threads` threads.
  /// \param rows [N, T], written
  /// \return the places of the texts that cannot be read, ascending
  [[nodiscard]] std::vector<std::size_t> parse(std::span<const std::string_view> texts,
                                               std::span<std::int16_t> rows, std::size_t threads,
                                               const Poll& poll) const;

  /// The texts of many rows [N, T].
  /// \throws InvalidInput naming the first choice that does not exist
  [[nodiscard]] std::vector<std::string> format(Space::Rows rows, std::size_t threads,
                                                const Poll& poll) const;

  /// What writes and reads one row.
  class Form;

 private:
  std::unique_ptr<const Form> form_;
};

}  // namespace ctnas
