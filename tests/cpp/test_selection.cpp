#include <cmath>
#include <limits>
#include <stdexcept>

#include "catch2.hpp"
#include "ctnas/selection.hpp"
#include "fixtures.hpp"

namespace ctnas {
namespace {

using Indices = std::vector<std::int64_t>;

TEST_CASE("confidence is the distance from one half, not the probability") {
  const std::vector<double> probability{0.9, 0.05, 0.5, 0.6};
  CHECK(top_k_confident(probability, 3) == Indices{1, 0, 3});
}

TEST_CASE("equal confidence goes by index") {
  const std::vector<double> probability{0.5, 0.25, 0.75, 0.25, 0.75};
  CHECK(top_k_confident(probability, 3) == Indices{1, 2, 3});
  CHECK(best_first(probability, 5) == Indices{2, 4, 0, 1, 3});
}

TEST_CASE("a part of an order begins as the whole order does") {
  const auto score = testing::draw_normal(1000, 0);
  const Indices all = best_first(score, score.size());
  for (const std::size_t top : {0U, 1U, 17U, 999U, 1000U}) {
    CHECK(best_first(score, top) ==
          Indices(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(top)));
  }
}

TEST_CASE("infinite scores are in order, NaN is refused by name") {
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<double> score{-infinity, 0.0, infinity};
  CHECK(best_first(score, 3) == Indices{2, 1, 0});
  const std::vector<double> wrong{0.0, std::nan("")};
  CHECK_THROWS_WITH(best_first(wrong, 1), ContainsSubstring("score[1] is nan"));
  CHECK_THROWS_WITH(top_k_confident(wrong, 1), ContainsSubstring("probability[1] is nan"));
}

TEST_CASE("more than there is, and what is no probability, are refused") {
  const std::vector<double> probability{0.1, 1.5};
  CHECK_THROWS_WITH(top_k_confident(probability, 3), ContainsSubstring("there are only 2"));
  CHECK_THROWS_WITH(best_first(probability, 3), ContainsSubstring("there are only 2"));
  CHECK_THROWS_WITH(top_k_confident(probability, 1), ContainsSubstring("probability[1] is 1.5"));
}

}  // namespace
}  // namespace ctnas
