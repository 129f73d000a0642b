#include <cmath>
#include <stdexcept>

#include "catch2.hpp"
#include "ctnas/comparison.hpp"

namespace ctnas {
namespace {

const std::vector<double> kChallenger{0.0, 1.0, 800.0};
const std::vector<double> kOpponent{0.0, -2.0, 800.0};

TEST_CASE("a probability is the sigmoid of a sum, also far out") {
  std::vector<double> probability(3);
  compare({kChallenger, kOpponent}, probability);
  CHECK(probability[0] == 0.5);
  CHECK(std::abs(probability[1] - 0.2689414213699951) < 1e-16);  // sigmoid(-1)
  CHECK(probability[2] == 1.0);
}

TEST_CASE("a pair takes its challenger and its opponent by place") {
  const std::vector<std::int64_t> first{1, 0};
  const std::vector<std::int64_t> second{0, 1};
  std::vector<double> probability(2);
  pair_probability({kChallenger, kOpponent}, {first, second}, probability);
  CHECK(std::abs(probability[0] - 0.7310585786300049) < 1e-16);   // sigmoid(1)
  CHECK(std::abs(probability[1] - 0.11920292202211755) < 1e-16);  // sigmoid(-2)
}

TEST_CASE("a place that does not exist is named") {
  const std::vector<std::int64_t> good{0, 1};
  const std::vector<std::int64_t> wrong{0, GENERATE(-1, 3)};
  std::vector<double> probability(2);
  CHECK_THROWS_AS(pair_probability({kChallenger, kOpponent}, {good, wrong}, probability),
                  std::out_of_range);
  CHECK_THROWS_WITH(pair_probability({kChallenger, kOpponent}, {wrong, good}, probability),
                    ContainsSubstring("first[1]"));
}

TEST_CASE("exploration keeps the confident pairs with their probabilities") {
  const std::vector<std::int64_t> first{0, 1, 2};
  const std::vector<std::int64_t> second{0, 1, 2};
  const SelectedPairs selected = explore_pairs({kChallenger, kOpponent}, {first, second}, 2);
  CHECK(selected.index == std::vector<std::int64_t>{2, 1});
  CHECK(selected.probability[0] == 1.0);
  CHECK(std::abs(selected.probability[1] - 0.2689414213699951) < 1e-16);
}

TEST_CASE("arrays that do not fit each other are refused") {
  std::vector<double> probability(3);
  const std::vector<double> short_opponent(2);
  CHECK_THROWS_WITH(compare({kChallenger, short_opponent}, probability),
                    "opponent has 2 entries: needed 3");
}

}  // namespace
}  // namespace ctnas
