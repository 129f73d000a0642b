#include "text/choice_names.hpp"

#include <algorithm>
#include <cmath>
#include <locale>
#include <sstream>

#include "ctnas/error.hpp"
#include "text/graph_text.hpp"

namespace ctnas {

std::optional<double> read_number(std::string_view text) {
  // Unlike strtod it does not depend on the user's language, unlike from_chars all compilers have
  // it for decimals.
  std::istringstream stream{std::string(text)};
  stream.imbue(std::locale::classic());
  double number = 0.0;
  if (!(stream >> std::noskipws >> number) || stream.peek() != std::char_traits<char>::eof()) {
    return std::nullopt;
  }
  return number;
}

ChoiceNames::ChoiceNames(const NamedDecision& decision) : decision_(decision) {
  for (std::size_t choice = 0; choice < decision.choices.size(); ++choice) {
    places_.emplace(decision.choices[choice], static_cast<std::int16_t>(choice));
  }
}

std::int16_t ChoiceNames::find(std::string_view text) const {
  const auto found = places_.find(text);
  if (found != places_.end()) return found->second;
  const std::optional<double> number = decision_.numbers.empty() ? std::nullopt : read_number(text);
  if (number) {
    if (const auto choice = find_number(*number)) return *choice;
  }
  refuse(text, number);
}

std::int16_t ChoiceNames::find_written(std::string_view text) const {
  const auto found = places_.find(text);
  if (found != places_.end()) return found->second;
  refuse(text, decision_.numbers.empty() ? std::nullopt : read_number(text));
}

std::optional<std::int16_t> ChoiceNames::find_number(double number) const {
  const auto found = std::find(decision_.numbers.begin(), decision_.numbers.end(), number);
  if (found == decision_.numbers.end()) return std::nullopt;
  return static_cast<std::int16_t>(found - decision_.numbers.begin());
}

void ChoiceNames::refuse(std::string_view text, std::optional<double> number) const {
  std::string nearest;
  if (number && std::isfinite(*number)) {
    const auto closer = [&](double a, double b) {
      return std::abs(a - *number) < std::abs(b - *number);
    };
    const auto best = std::min_element(decision_.numbers.begin(), decision_.numbers.end(), closer);
    const auto place = static_cast<std::size_t>(best - decision_.numbers.begin());
    nearest = " (the nearest is " + decision_.choices[place] + ")";
  }
  std::string allowed;
  for (const std::string& name : decision_.choices) {
    allowed += (allowed.empty() ? "" : ", ") + name;
  }
  throw InvalidInput("decision " + quoted(decision_.name) + " has no choice " + quoted(text) +
                     nearest + "; allowed are " + allowed);
}

}  // namespace ctnas
