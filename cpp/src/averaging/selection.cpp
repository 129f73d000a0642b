#include "ctnas/selection.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

#include "text/number_text.hpp"

namespace ctnas {
namespace {

struct Candidate {
  double value;
  std::int64_t index;
};

bool comes_before(const Candidate& left, const Candidate& right) {
  return left.value != right.value ? left.value > right.value : left.index < right.index;
}

void require_available(const char* name, std::size_t asked, std::size_t available) {
  if (asked <= available) return;
  throw std::invalid_argument(std::string(name) + " is " + std::to_string(asked) +
                              ": there are only " + std::to_string(available) + " entries");
}

[[noreturn]] void refuse(const char* name, std::int64_t index, double value, const char* needed) {
  throw std::invalid_argument(std::string(name) + "[" + std::to_string(index) + "] is " +
                              number_text(value) + ": needed " + needed);
}

/// The `count` first candidates in order; sorts no more than these.
std::vector<std::int64_t> first_in_order(std::vector<Candidate> candidates, std::size_t count) {
  const auto end = candidates.begin() + static_cast<std::ptrdiff_t>(count);
  if (end != candidates.end()) {
    std::nth_element(candidates.begin(), end, candidates.end(), comes_before);
  }
  std::sort(candidates.begin(), end, comes_before);
  std::vector<std::int64_t> indices(count);
  std::transform(candidates.begin(), end, indices.begin(),
                 [](const Candidate& candidate) { return candidate.index; });
  return indices;
}

}  // namespace

std::vector<std::int64_t> top_k_confident(std::span<const double> probability, std::size_t k) {
  require_available("k", k, probability.size());
  std::vector<Candidate> candidates;
  candidates.reserve(probability.size());
  for (const double p : probability) {
    const auto index = static_cast<std::int64_t>(candidates.size());
    if (!(p >= 0.0 && p <= 1.0)) refuse("probability", index, p, "0 to 1");
    candidates.push_back({std::abs(p - 0.5), index});
  }
  return first_in_order(std::move(candidates), k);
}

std::vector<std::int64_t> best_first(std::span<const double> score, std::size_t top) {
  require_available("top", top, score.size());
  std::vector<Candidate> candidates;
  candidates.reserve(score.size());
  for (const double value : score) {
    const auto index = static_cast<std::int64_t>(candidates.size());
    if (std::isnan(value)) refuse("score", index, value, "a number");
    candidates.push_back({value, index});
  }
  return first_in_order(std::move(candidates), top);
}

}  // namespace ctnas
