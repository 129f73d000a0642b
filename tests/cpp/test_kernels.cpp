#include "engine/kernels.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "catch2.hpp"
#include "engine/linear_map.hpp"
#include "fixtures.hpp"
#include "portable_kernels.hpp"
#include "runtime/row_buffer.hpp"

namespace ctnas {
namespace {

using Rows = std::vector<float>;

Rows draw(std::size_t count, unsigned seed) {
  const std::vector<double> numbers = testing::draw_normal(count, seed);
  return {numbers.begin(), numbers.end()};
}

/// What this processor can run, and what other compilers build.
std::vector<const Kernels*> all_kernels() {
  std::vector<const Kernels*> sets{&testing::portable_kernels()};
  for (auto set = runnable_kernels(); *set != nullptr; ++set) sets.push_back(*set);
  return sets;
}

/// Three nodes in a row of rows 2, 0, 1: 2 -> 0 -> 1.
struct Chain {
  std::vector<std::uint32_t> itself{2, 0, 1};
  std::vector<Neighborhood> neighborhoods{{0, 1, 1}, {1, 2, 3}, {3, 3, 4}};
  std::vector<std::uint32_t> neighbors{0, 1, 2, 0};

  [[nodiscard]] NodeRows rows() const {
    return {itself.data(), neighborhoods.data(), neighbors.data(), 0};
  }
};

TEST_CASE("a product is the sum of its terms, with any instructions") {
  const std::size_t inputs = GENERATE(as<std::size_t>{}, 16, 32, 64);
  const std::size_t outputs = GENERATE(as<std::size_t>{}, 16, 32, 48, 96, 192);
  const std::size_t rows = GENERATE(as<std::size_t>{}, 1, 7, 8, 21);
  const bool is_rectified = GENERATE(false, true);
  const PaddedMatrix weight{inputs, outputs, draw(inputs * outputs, 1)};
  const Rows bias = draw(outputs, 2);
  RowBuffer x;
  RowBuffer y;
  const Rows values = draw(rows * inputs, 3);
  std::copy(values.begin(), values.end(), x.reserve(rows, inputs));
  for (const Kernels* kernels : all_kernels()) {
    const LinearMap map(weight, bias, *kernels);
    kernels->multiply(map.view(), x.data(), rows, is_rectified, y.reserve(rows, outputs));
    double largest = 0.0;
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t column = 0; column < outputs; ++column) {
        double expected = bias[column];
        for (std::size_t k = 0; k < inputs; ++k) {
          expected += double{values[row * inputs + k]} * weight.values[k * outputs + column];
        }
        if (is_rectified) expected = std::max(expected, 0.0);
        largest = std::max(largest, std::abs(expected - y.data()[row * outputs + column]));
      }
    }
    INFO(kernels->name);
    CHECK(largest < 2e-5);
  }
}

TEST_CASE("a convolution adds up neighbors, rectifies, and normalizes, with any instructions") {
  const std::size_t width = GENERATE(as<std::size_t>{}, 5, 16, 32, 50, 64, 128);
  const std::size_t padded = padded_width(width);
  const Initializer gain{{width}, draw(width, 1)};
  const Initializer shift{{width}, draw(width, 2)};
  const Initializer features{{3, width}, draw(3 * width, 3)};
  const Initializer messages{{3, 3 * width}, draw(9 * width, 4)};
  const Rows gains = pad_rows(gain, 1);
  const Rows shifts = pad_rows(shift, 1);
  const auto message = [&](std::size_t row, std::size_t part, std::size_t column) {
    return double{messages.values[(row * 3 + part) * width + column]};
  };
  for (const Kernels* kernels : all_kernels()) {
    Rows out(3 * padded);
    kernels->convolve(Chain().rows(), 3, pad_rows(features, 1).data(), pad_rows(messages, 3).data(),
                      {width, padded, gains.data(), shifts.data()}, out.data());
    const std::size_t itself[]{2, 0, 1};
    double largest = 0.0;
    for (std::size_t node = 0; node < 3; ++node) {
      std::vector<double> row(width);
      for (std::size_t column = 0; column < width; ++column) {
        double sum = message(itself[node], 0, column);
        if (node < 2) sum += message(itself[node + 1], 1, column);
        if (node > 0) sum += message(itself[node - 1], 2, column);
        row[column] = features.values[itself[node] * width + column] + std::max(sum, 0.0);
      }
      const double count = static_cast<double>(width);
      const double mean = std::accumulate(row.begin(), row.end(), 0.0) / count;
      double variance = 0.0;
      for (const double value : row) variance += (value - mean) * (value - mean) / count;
      for (std::size_t column = 0; column < width; ++column) {
        const double expected =
            (row[column] - mean) / std::sqrt(variance + 1e-5) * gain.values[column] +
            shift.values[column];
        largest = std::max(largest, std::abs(expected - out[node * padded + column]));
      }
      for (std::size_t column = width; column < padded; ++column) {
        CHECK(out[node * padded + column] == 0.0F);
      }
    }
    INFO(kernels->name);
    CHECK(largest < 1e-5);
  }
}

TEST_CASE("successors are added to a node and the sum rectified, with any instructions") {
  const std::size_t width = 32;
  const Rows table = draw(3 * width, 1);
  for (const Kernels* kernels : all_kernels()) {
    Rows out(3 * width);
    kernels->add_successors(Chain().rows(), 3, table.data(), width, out.data());
    for (std::size_t column = 0; column < width; ++column) {
      CHECK(out[column] == std::max(table[2 * width + column] + table[column], 0.0F));
      CHECK(out[2 * width + column] == std::max(table[width + column], 0.0F));
    }
  }
}

}  // namespace
}  // namespace ctnas
