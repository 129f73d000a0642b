#include "ctnas/win_probability.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "averaging/sigmoid.hpp"
#include "averaging/sigmoid_sums.hpp"
#include "parallel.hpp"
#include "text/number_text.hpp"

namespace ctnas {
namespace {

constexpr std::size_t kFewArchitectures = 64;  // below, the definition is as fast
constexpr std::size_t kBlock = 8192;

void require_finite(const char* name, std::span<const double> logit) {
  for (std::size_t index = 0; index < logit.size(); ++index) {
    if (std::isfinite(logit[index])) continue;
    throw std::invalid_argument(std::string(name) + "[" + std::to_string(index) + "] is " +
                                number_text(logit[index]) + ": needed a finite logit");
  }
}

void require_length(const char* name, std::size_t length, std::size_t needed) {
  if (length == needed) return;
  throw std::invalid_argument(std::string(name) + " has " + std::to_string(length) +
                              " entries: needed " + std::to_string(needed));
}

void require_contest(const Logits& logits, std::span<const double> win_probability) {
  const std::size_t count = logits.challenger.size();
  require_length("opponent", logits.opponent.size(), count);
  require_length("win_probability", win_probability.size(), count);
  if (count < 2) {
    throw std::invalid_argument(count == 1 ? "win probability of a single architecture is undefined"
                                           : "win probability of no architectures is undefined");
  }
  require_finite("challenger", logits.challenger);
  require_finite("opponent", logits.opponent);
}

/// Sum over all j, in order, but one.
double add_up_but(double challenger, std::span<const double> opponents, std::size_t left_out) {
  double sum = 0.0;
  for (std::size_t j = 0; j < opponents.size(); ++j) {
    if (j != left_out) sum += sigmoid(challenger + opponents[j]);
  }
  return sum;
}

/// Rows of a double loop that together take about a millisecond.
std::size_t rows_of_block(std::size_t opponents) {
  return std::max<std::size_t>(1, 200'000 / opponents);
}

}  // namespace

void mean_win_probability(const Logits& logits, std::size_t threads,
                          std::span<double> win_probability, const Poll& poll) {
  require_contest(logits, win_probability);
  const std::size_t count = logits.challenger.size();
  threads = resolve_threads(threads);
  if (count < kFewArchitectures) {
    // All rows add up in one order, so that equal architectures win equally.
    for (std::size_t i = 0; i < count; ++i) {
      win_probability[i] = add_up_but(logits.challenger[i], logits.opponent, count);
    }
  } else {
    add_up_sigmoids(logits.challenger, logits.opponent, threads, win_probability, poll);
  }
  const auto others = static_cast<double>(count - 1);
  parallel_blocks(count, kBlock, threads, poll, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      // Eq. 5 leaves out the comparison with oneself.
      const double itself = sigmoid(logits.challenger[i] + logits.opponent[i]);
      win_probability[i] = std::clamp((win_probability[i] - itself) / others, 0.0, 1.0);
    }
  });
}

void mean_win_probability_direct(const Logits& logits, std::size_t threads,
                                 std::span<double> win_probability, const Poll& poll) {
  require_contest(logits, win_probability);
  const std::size_t count = logits.challenger.size();
  parallel_blocks(count, rows_of_block(count), resolve_threads(threads), poll,
                  [&](std::size_t first, std::size_t last) {
                    for (std::size_t i = first; i < last; ++i) {
                      win_probability[i] = add_up_but(logits.challenger[i], logits.opponent, i) /
                                           static_cast<double>(count - 1);
                    }
                  });
}

void mean_win_probability_against(std::span<const double> challenger,
                                  std::span<const double> opponents, std::size_t threads,
                                  std::span<double> win_probability, const Poll& poll) {
  require_length("win_probability", win_probability.size(), challenger.size());
  if (opponents.empty()) {
    throw std::invalid_argument("win probability against no opponents is undefined");
  }
  require_finite("challenger", challenger);
  require_finite("opponents", opponents);
  const auto count = static_cast<double>(opponents.size());
  const bool is_few = std::min(challenger.size(), opponents.size()) < kFewArchitectures;
  if (is_few) {
    parallel_blocks(challenger.size(), rows_of_block(opponents.size()), resolve_threads(threads),
                    poll, [&](std::size_t first, std::size_t last) {
                      for (std::size_t i = first; i < last; ++i) {
                        win_probability[i] =
                            add_up_but(challenger[i], opponents, opponents.size()) / count;
                      }
                    });
    return;
  }
  add_up_sigmoids(challenger, opponents, resolve_threads(threads), win_probability, poll);
  for (double& probability : win_probability) {
    probability = std::clamp(probability / count, 0.0, 1.0);
  }
}

}  // namespace ctnas
