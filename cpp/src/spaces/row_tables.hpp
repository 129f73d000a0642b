#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ctnas/space.hpp"

namespace ctnas {

/// Tables laid out for look-ups.
class RowTables {
 public:
  /// \throws std::invalid_argument naming the table that does not fit the choices
  RowTables(std::span<const ChoiceTable> tables, std::span<const std::int16_t> choices);

  /// What the choices of a row select in a table.
  [[nodiscard]] std::int32_t value(std::size_t table, const std::int16_t* row) const {
    return values_[starts_[table] + place(table, row)];
  }

  /// Where in a table that is.
  [[nodiscard]] std::size_t place(std::size_t table, const std::int16_t* row) const {
    std::size_t index = 0;
    for (std::uint32_t term = first_term_[table]; term < first_term_[table + 1]; ++term) {
      index += static_cast<std::size_t>(row[terms_[term].decision]) * terms_[term].stride;
    }
    return index;
  }

  /// All values of a table.
  [[nodiscard]] std::span<const std::int32_t> values(std::size_t table) const {
    return std::span(values_).subspan(starts_[table], starts_[table + 1] - starts_[table]);
  }

  [[nodiscard]] std::size_t size() const { return starts_.size() - 1; }

  [[nodiscard]] bool is_fixed(std::size_t table) const {
    return first_term_[table] == first_term_[table + 1];
  }

 private:
  struct Term {
    std::uint32_t decision;
    std::uint32_t stride;
  };

  void append(const ChoiceTable& table, std::size_t number, std::span<const std::int16_t> choices);

  std::vector<Term> terms_;
  std::vector<std::uint32_t> first_term_{0};
  std::vector<std::size_t> starts_{0};
  std::vector<std::int32_t> values_;
};

}  // namespace ctnas
