#include "spaces/row_tables.hpp"

#include <stdexcept>
#include <string>

namespace ctnas {

RowTables::RowTables(std::span<const ChoiceTable> tables, std::span<const std::int16_t> choices) {
  for (std::size_t number = 0; number < tables.size(); ++number) {
    append(tables[number], number, choices);
  }
}

void RowTables::append(const ChoiceTable& table, std::size_t number,
                       std::span<const std::int16_t> choices) {
  std::size_t size = 1;
  std::vector<Term> terms(table.decisions.size());
  for (std::size_t at = terms.size(); at-- > 0;) {
    const std::uint32_t decision = table.decisions[at];
    if (decision >= choices.size()) {
      throw std::invalid_argument("table " + std::to_string(number) + ": there is no decision " +
                                  std::to_string(decision));
    }
    terms[at] = {decision, static_cast<std::uint32_t>(size)};
    size *= static_cast<std::size_t>(choices[decision]);
    if (size > table.values.size()) break;
  }
  if (size != table.values.size()) {
    throw std::invalid_argument("table " + std::to_string(number) + " has " +
                                std::to_string(table.values.size()) +
                                " values, which is not one for each combination of choices");
  }
  terms_.insert(terms_.end(), terms.begin(), terms.end());
  first_term_.push_back(static_cast<std::uint32_t>(terms_.size()));
  values_.insert(values_.end(), table.values.begin(), table.values.end());
  starts_.push_back(values_.size());
}

}  // namespace ctnas
