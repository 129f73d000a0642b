#include "learning/learning_kernels.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "catch2.hpp"
#include "fixtures.hpp"
#include "portable_kernels.hpp"

namespace ctnas {
namespace {

using Rows = std::vector<float>;

/// What this processor can run, and what other compilers build.
std::vector<const LearningKernels*> all_kernels() {
  std::vector<const LearningKernels*> sets{&testing::portable_learning_kernels()};
  for (auto set = runnable_learning_kernels(); *set != nullptr; ++set) sets.push_back(*set);
  return sets;
}

Rows draw(std::size_t count, unsigned seed) {
  const std::vector<double> numbers = testing::draw_normal(count, seed);
  return {numbers.begin(), numbers.end()};
}

TEST_CASE("a learned product is the sum of its terms, with any instructions") {
  const ProductSize size{GENERATE(as<std::size_t>{}, 1, 8, 21), 32,
                         GENERATE(as<std::size_t>{}, 16, 32, 48, 96)};
  const bool adds = GENERATE(false, true);
  const Rows x = draw(size.rows * size.inputs, 1);
  const Rows weight = draw(size.inputs * size.outputs, 2);
  const Rows bias = draw(size.outputs, 3);
  const Rows before = draw(size.rows * size.outputs, 4);
  for (const LearningKernels* kernels : all_kernels()) {
    Rows y = before;
    kernels->multiply(size, x.data(), weight.data(), bias.data(), adds, y.data());
    double largest = 0.0;
    for (std::size_t at = 0; at < y.size(); ++at) {
      const std::size_t row = at / size.outputs;
      const std::size_t column = at % size.outputs;
      double expected = double{bias[column]} + (adds ? double{before[at]} : 0.0);
      for (std::size_t k = 0; k < size.inputs; ++k) {
        expected += double{x[row * size.inputs + k]} * weight[k * size.outputs + column];
      }
      largest = std::max(largest, std::abs(expected - y[at]));
    }
    INFO(kernels->lanes << " lanes");
    CHECK(largest < 2e-5);
  }
}

TEST_CASE("scores lose against labels as the logistic function says, with any instructions") {
  const std::size_t count = 21;
  const std::size_t padded = 32;
  Rows score = draw(count, 5);
  Rows level = draw(count, 6);
  level[3] = level[4];
  score.resize(padded);
  level.resize(padded);
  for (const LearningKernels* kernels : all_kernels()) {
    Rows out(count);
    kernels->compare(score.data(), level.data(), true, count, padded, out.data());
    double largest = 0.0;
    for (std::size_t i = 0; i < count; ++i) {
      double expected = 0.0;
      for (std::size_t j = 0; j < count; ++j) {
        const double won = level[i] == level[j] ? 0.5 : level[i] > level[j] ? 1.0 : 0.0;
        expected += 1.0 / (1.0 + std::exp(double{score[j]} - score[i])) - won;
      }
      largest = std::max(largest, std::abs(expected - out[i]));
    }
    INFO(kernels->lanes << " lanes");
    CHECK(largest < 2e-5);
  }
}

}  // namespace
}  // namespace ctnas
