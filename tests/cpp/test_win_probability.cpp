#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "catch2.hpp"
#include "ctnas/win_probability.hpp"
#include "fixtures.hpp"

namespace ctnas {
namespace {

using testing::draw_normal;

std::vector<double> fast(const std::vector<double>& challenger, const std::vector<double>& opponent,
                         std::size_t threads = 1) {
  std::vector<double> result(challenger.size());
  mean_win_probability({challenger, opponent}, threads, result);
  return result;
}

std::vector<double> direct(const std::vector<double>& challenger,
                           const std::vector<double>& opponent) {
  std::vector<double> result(challenger.size());
  mean_win_probability_direct({challenger, opponent}, 1, result);
  return result;
}

double largest_difference(const std::vector<double>& left, const std::vector<double>& right) {
  double largest = 0.0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    largest = std::max(largest, std::abs(left[i] - right[i]));
  }
  return largest;
}

TEST_CASE("two architectures are compared with each other only") {
  const auto result = direct({1.0, 2.0}, {3.0, -1.0});
  CHECK(std::abs(result[0] - 1.0 / (1.0 + std::exp(-0.0))) < 1e-15);  // 1 + -1
  CHECK(std::abs(result[1] - 1.0 / (1.0 + std::exp(-5.0))) < 1e-15);  // 2 + 3
}

TEST_CASE("fast and direct averages agree for logits of any spread") {
  const double deviation = GENERATE(1e-6, 1.0, 5.0, 50.0, 1e3, 1e5, 1e9, 1e17, 1e300);
  const std::size_t count = GENERATE(as<std::size_t>{}, 64, 65, 1000, 3000);
  const auto challenger = draw_normal(count, 1, deviation);
  const auto opponent = draw_normal(count, 2, deviation);
  CHECK(largest_difference(fast(challenger, opponent), direct(challenger, opponent)) < 1e-11);
}

TEST_CASE("fast and direct averages agree where all logits are equal") {
  const double logit = GENERATE(0.0, 0.25, -0.5, 0.999999, 1.0, -3.7, 20.0, -20.0);
  const std::vector<double> challenger(2000, logit);
  const std::vector<double> opponent(2000, -logit / 3);
  CHECK(largest_difference(fast(challenger, opponent), direct(challenger, opponent)) < 1e-11);
}

TEST_CASE("fast and direct averages agree on opposite far-off clusters") {
  std::vector<double> challenger = draw_normal(1000, 3);
  std::vector<double> opponent = draw_normal(1000, 4);
  const double distance = GENERATE(30.0, 41.0, 500.0, 1e12);
  for (std::size_t i = 0; i < 500; ++i) {
    challenger[i] += distance;
    opponent[i] -= distance;
  }
  CHECK(largest_difference(fast(challenger, opponent), direct(challenger, opponent)) < 1e-11);
}

TEST_CASE("every cell edge belongs to one cell") {
  std::vector<double> challenger;
  std::vector<double> opponent;
  for (int edge = -50; edge <= 50; ++edge) {
    for (const double side : {edge * 1.0, std::nextafter(edge, -1e9), std::nextafter(edge, 1e9)}) {
      challenger.push_back(side);
      opponent.push_back(-side);
    }
  }
  CHECK(largest_difference(fast(challenger, opponent), direct(challenger, opponent)) < 1e-11);
}

TEST_CASE("averages are the same bits for any number of threads", "[concurrency]") {
  const double deviation = GENERATE(0.01, 1.0, 300.0);
  const auto challenger = draw_normal(40'000, 5, deviation);
  const auto opponent = draw_normal(40'000, 6, deviation);
  const auto one = fast(challenger, opponent, 1);
  CHECK(fast(challenger, opponent, 2) == one);
  CHECK(fast(challenger, opponent, 7) == one);
}

TEST_CASE("averages against given opponents have no self term") {
  const std::size_t opponents = GENERATE(as<std::size_t>{}, 1, 10, 100, 2000);
  const std::size_t challengers = GENERATE(as<std::size_t>{}, 0, 1, 100, 2000);
  const auto challenger = draw_normal(challengers, 7, 3.0);
  const auto opponent = draw_normal(opponents, 8, 3.0);
  std::vector<double> result(challengers);
  mean_win_probability_against(challenger, opponent, 2, result);
  double worst = 0.0;
  for (std::size_t i = 0; i < challengers; ++i) {
    double sum = 0.0;
    for (const double other : opponent) sum += 1.0 / (1.0 + std::exp(-(challenger[i] + other)));
    worst = std::max(worst, std::abs(result[i] - sum / static_cast<double>(opponents)));
  }
  CHECK(worst < 1e-11);
}

TEST_CASE("averages over less than two architectures are refused") {
  std::vector<double> one(1);
  CHECK_THROWS_WITH(mean_win_probability({one, one}, 1, one),
                    "win probability of a single architecture is undefined");
  CHECK_THROWS_AS(mean_win_probability({}, 1, {}), std::invalid_argument);
  CHECK_THROWS_AS(mean_win_probability_against(one, {}, 1, one), std::invalid_argument);
}

TEST_CASE("a logit that is not finite is named") {
  const double bad =
      GENERATE(std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity());
  const std::size_t count = GENERATE(as<std::size_t>{}, 10, 100);
  const std::vector<double> good(count);
  std::vector<double> wrong(count);
  wrong[7] = bad;
  std::vector<double> result(count);
  CHECK_THROWS_WITH(mean_win_probability({good, wrong}, 1, result),
                    ContainsSubstring("opponent[7]"));
  CHECK_THROWS_WITH(mean_win_probability({wrong, good}, 1, result),
                    ContainsSubstring("challenger[7]"));
}

TEST_CASE("a poll can end a long average", "[concurrency]") {
  const std::vector<double> logit(100'000);
  std::vector<double> result(logit.size());
  const Poll stop = [] { throw std::runtime_error("stopped"); };
  CHECK_THROWS_WITH(mean_win_probability_direct({logit, logit}, 2, result, stop), "stopped");
}

}  // namespace
}  // namespace ctnas
