#include "averaging/chebyshev.hpp"

#include <cmath>
#include <numbers>

#include "averaging/sigmoid.hpp"

namespace ctnas::chebyshev {
namespace {

constexpr std::size_t kLanes = 4;  // positions worked on side by side, for the vector units
using Lanes = std::array<double, kLanes>;

/// T_k(t_r) at the zeros t_r = cos(pi (r + 1/2) / 13): cos(k pi (r + 1/2) / 13).
std::array<Terms, kTerms> tabulate_polynomials() {
  std::array<Terms, kTerms> polynomial{};
  for (std::size_t k = 0; k < kTerms; ++k) {
    for (std::size_t r = 0; r < kTerms; ++r) {
      polynomial[k][r] = std::cos(static_cast<double>(k) * std::numbers::pi *
                                  (static_cast<double>(r) + 0.5) / double{kTerms});
    }
  }
  return polynomial;
}

const std::array<Terms, kTerms>& polynomials() {
  static const std::array<Terms, kTerms> table = tabulate_polynomials();
  return table;
}

constexpr std::size_t kSums = kPastLastSum - kFirstSum;
using Block = std::array<Terms, kTerms>;

std::array<Block, kSums> tabulate_blocks() {
  const Terms& node = polynomials()[1];  // T_1(t) = t
  std::array<Block, kSums> blocks{};
  for (std::size_t sum = 0; sum < kSums; ++sum) {
    const double keys = kFirstSum + static_cast<double>(sum);
    for (std::size_t r = 0; r < kTerms; ++r) {
      for (std::size_t l = 0; l < kTerms; ++l) {
        blocks[sum][r][l] = sigmoid(keys + (node[r] + 1.0) / 2.0 + (node[l] + 1.0) / 2.0);
      }
    }
  }
  return blocks;
}

const std::array<Block, kSums>& blocks() {
  static const std::array<Block, kSums> table = tabulate_blocks();
  return table;
}

void add_polynomials(const double* position, std::array<Lanes, kTerms>& sums) {
  Lanes before{};
  Lanes current{};
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    before[lane] = 1.0;
    current[lane] = position[lane];
    sums[0][lane] += 1.0;
    sums[1][lane] += position[lane];
  }
  for (std::size_t k = 2; k < kTerms; ++k) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const double next = 2.0 * position[lane] * current[lane] - before[lane];
      before[lane] = current[lane];
      current[lane] = next;
      sums[k][lane] += next;
    }
  }
}

template <std::size_t kWidth>
void clenshaw(const Terms& coefficients, const double* position, double* value) {
  std::array<double, kWidth> current{};
  std::array<double, kWidth> before{};
  for (std::size_t k = kTerms - 1; k > 0; --k) {
    for (std::size_t lane = 0; lane < kWidth; ++lane) {
      const double next = coefficients[k] + 2.0 * position[lane] * current[lane] - before[lane];
      before[lane] = current[lane];
      current[lane] = next;
    }
  }
  for (std::size_t lane = 0; lane < kWidth; ++lane) {
    value[lane] = coefficients[0] + position[lane] * current[lane] - before[lane];
  }
}

}  // namespace

Terms moments(std::span<const double> positions) {
  std::array<Lanes, kTerms> sums{};
  const std::size_t whole = positions.size() - positions.size() % kLanes;
  for (std::size_t n = 0; n < whole; n += kLanes) add_polynomials(&positions[n], sums);
  Terms result{};
  for (std::size_t k = 0; k < kTerms; ++k) {
    for (const double sum : sums[k]) result[k] += sum;
  }
  for (std::size_t n = whole; n < positions.size(); ++n) {
    double before = 1.0;
    double current = positions[n];
    result[0] += before;
    for (std::size_t k = 1; k < kTerms; ++k) {
      result[k] += current;
      const double next = 2.0 * positions[n] * current - before;
      before = current;
      current = next;
    }
  }
  return result;
}

Terms node_weights(const Terms& moments) {
  // The Lagrange polynomial of node r is (1 + 2 sum_{k > 0} T_k(t_r) T_k(t)) / 13.
  Terms weights{};
  weights.fill(moments[0]);
  for (std::size_t k = 1; k < kTerms; ++k) {
    for (std::size_t r = 0; r < kTerms; ++r) weights[r] += 2.0 * polynomials()[k][r] * moments[k];
  }
  for (double& weight : weights) weight /= double{kTerms};
  return weights;
}

Terms coefficients(const Terms& node_values) {
  Terms result{};
  for (std::size_t k = 0; k < kTerms; ++k) {
    for (std::size_t r = 0; r < kTerms; ++r) result[k] += polynomials()[k][r] * node_values[r];
    result[k] *= (k == 0 ? 1.0 : 2.0) / double{kTerms};
  }
  return result;
}

void evaluate(const Terms& coefficients, std::span<const double> positions,
              std::span<double> values) {
  const std::size_t whole = positions.size() - positions.size() % kLanes;
  for (std::size_t n = 0; n < whole; n += kLanes) {
    clenshaw<kLanes>(coefficients, &positions[n], &values[n]);
  }
  for (std::size_t n = whole; n < positions.size(); ++n) {
    clenshaw<1>(coefficients, &positions[n], &values[n]);
  }
}

void add_interaction(int key_sum, const Terms& weights, Terms& node_values) {
  const Block& block = blocks()[static_cast<std::size_t>(key_sum - kFirstSum)];
  for (std::size_t r = 0; r < kTerms; ++r) {
    for (std::size_t l = 0; l < kTerms; ++l) node_values[l] += weights[r] * block[r][l];
  }
}

}  // namespace ctnas::chebyshev
