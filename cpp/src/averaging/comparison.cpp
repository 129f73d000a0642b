#include "ctnas/comparison.hpp"

#include <stdexcept>
#include <string>

#include "averaging/sigmoid.hpp"
#include "ctnas/selection.hpp"

namespace ctnas {
namespace {

void require_length(const char* name, std::size_t length, std::size_t needed) {
  if (length == needed) return;
  throw std::invalid_argument(std::string(name) + " has " + std::to_string(length) +
                              " entries: needed " + std::to_string(needed));
}

double at(std::span<const double> logit, const char* name, std::span<const std::int64_t> index,
          std::size_t pair) {
  const std::int64_t place = index[pair];
  if (place >= 0 && static_cast<std::size_t>(place) < logit.size()) {
    return logit[static_cast<std::size_t>(place)];
  }
  throw std::out_of_range(std::string(name) + "[" + std::to_string(pair) + "] is " +
                          std::to_string(place) + ": there are " + std::to_string(logit.size()) +
                          " architectures");
}

}  // namespace

void compare(const Logits& logits, std::span<double> probability) {
  require_length("opponent", logits.opponent.size(), logits.challenger.size());
  require_length("probability", probability.size(), logits.challenger.size());
  for (std::size_t index = 0; index < probability.size(); ++index) {
    probability[index] = sigmoid(logits.challenger[index] + logits.opponent[index]);
  }
}

void pair_probability(const Logits& logits, const Pairs& pairs, std::span<double> probability) {
  require_length("opponent", logits.opponent.size(), logits.challenger.size());
  require_length("second", pairs.second.size(), pairs.first.size());
  require_length("probability", probability.size(), pairs.first.size());
  for (std::size_t pair = 0; pair < probability.size(); ++pair) {
    probability[pair] = sigmoid(at(logits.challenger, "first", pairs.first, pair) +
                                at(logits.opponent, "second", pairs.second, pair));
  }
}

SelectedPairs explore_pairs(const Logits& logits, const Pairs& pairs, std::size_t k) {
  std::vector<double> probability(pairs.first.size());
  pair_probability(logits, pairs, probability);
  SelectedPairs selected{top_k_confident(probability, k), {}};
  selected.probability.reserve(k);
  for (const std::int64_t pair : selected.index) {
    selected.probability.push_back(probability[static_cast<std::size_t>(pair)]);
  }
  return selected;
}

}  // namespace ctnas
