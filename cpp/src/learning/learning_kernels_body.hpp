/// \file
/// The loops of `LearningKernels`, for the instructions that the including file is compiled for.
#pragma once

#include "learning/flow_body.hpp"
#include "learning/products_body.hpp"

namespace ctnas {
namespace {

void rectify_rows(std::size_t count, std::size_t width, const float* kept, float* rows) {
  for (std::size_t at = 0; at < count * width; at += kLanes) {
    Vector row = rectify(load<Vector>(rows + at));
    if (kept != nullptr) row *= load<Vector>(kept + at);
    store(row, rows + at);
  }
}

void rectify_rows_backward(std::size_t count, std::size_t width, const float* rows,
                           const float* kept, float* gradient) {
  for (std::size_t at = 0; at < count * width; at += kLanes) {
    Vector row = select(load<Vector>(rows + at) > 0.0F, load<Vector>(gradient + at), Vector{});
    if (kept != nullptr) row *= load<Vector>(kept + at);
    store(row, gradient + at);
  }
}

/// e^x for x of at most 0, within 2e-7 of its size; that of -87 below.
inline Vector exponential(const Vector& x) {
  constexpr float kRounding = 12582912.0F;  // 1.5 * 2^23: what is added to it is rounded.
  constexpr float kLog2 = 1.44269504F;
  constexpr float kHigh = 0.693359375F;  // log 2 in two parts
  constexpr float kLow = -2.12194440e-4F;
  const Vector bounded = select(x > -87.0F, x, Vector{} - 87.0F);
  const Vector shifted = bounded * kLog2 + kRounding;
  const Vector whole = shifted - kRounding;
  const Vector rest = (bounded - whole * kHigh) - whole * kLow;
  Vector sum = rest * (1.0F / 5040.0F) + 1.0F / 720.0F;
  sum = sum * rest + 1.0F / 120.0F;
  sum = sum * rest + 1.0F / 24.0F;
  sum = sum * rest + 1.0F / 6.0F;
  sum = sum * rest + 0.5F;
  sum = sum * rest + 1.0F;
  sum = sum * rest + 1.0F;
  Integers bits;
  copy_bytes(&bits, &shifted, sizeof(bits));
  const Integers exponent = (bits + 127) << 23;  // The low bits of `shifted` are the integer.
  Vector scale;
  copy_bytes(&scale, &exponent, sizeof(scale));
  return sum * scale;
}

inline Vector magnitude(const Vector& x) { return select(x > 0.0F, x, -x); }

inline Vector logistic(const Vector& x) {
  const Vector small = exponential(-magnitude(x));
  return select(x > 0.0F, Vector{} + 1.0F, small) / (1.0F + small);
}

/// The normal distribution function of x sqrt(2), within 1.5e-7.
/// Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26.
inline Vector normal_share(const Vector& x) {
  const Vector size = magnitude(x);
  const Vector t = 1.0F / (1.0F + 0.3275911F * size);
  Vector sum = t * 1.061405429F - 1.453152027F;
  sum = sum * t + 1.421413741F;
  sum = sum * t - 0.284496736F;
  sum = sum * t + 0.254829592F;
  const Vector tail = 0.5F * sum * t * exponential(-size * size);
  return select(x > 0.0F, 1.0F - tail, tail);
}

inline Vector exact_share(const Vector& x) {
  const Vector half = Vector{} + 0.5F;
  const Vector above = select(x > 0.0F, half + half, half);
  return select(x < 0.0F, Vector{}, above);
}

template <bool is_exact>
void compare_all(const float* score, const float* level, std::size_t count, std::size_t padded,
                 float* out) {
  for (std::size_t i = 0; i < count; ++i) {
    Vector sum{};
    for (std::size_t j = 0; j < padded; j += kLanes) {
      const Vector logit = score[i] - load<Vector>(score + j);
      const Vector lead = level[i] - load<Vector>(level + j);
      sum += logistic(logit) - (is_exact ? exact_share(lead) : normal_share(lead));
    }
    // What stands in the padding was compared too.
    for (std::size_t j = count; j < padded; ++j) {
      const Vector logit = Vector{} + (score[i] - score[j]);
      const Vector lead = Vector{} + (level[i] - level[j]);
      sum[0] -= (logistic(logit) - (is_exact ? exact_share(lead) : normal_share(lead)))[0];
    }
    out[i] += add_lanes<kLanes>(sum);
  }
}

void compare(const float* score, const float* level, bool is_exact, std::size_t count,
             std::size_t padded, float* out) {
  if (is_exact) return compare_all<true>(score, level, count, padded, out);
  return compare_all<false>(score, level, count, padded, out);
}

void adam(const AdamStep& step, std::size_t count, const float* gradient, float* momentum,
          float* squares, float* weight) {
  constexpr float kEpsilon = 1e-8F;
  const float rate = step.learning_rate * step.momentum_correction;
  for (std::size_t i = 0; i < count; ++i) {
    const float slope = gradient[i] * step.gradient_scale;
    const float mean = momentum[i] + (slope - momentum[i]) * (1.0F - step.momentum);
    const float square =
        squares[i] * step.squares_share + slope * slope * (1.0F - step.squares_share);
    momentum[i] = mean;
    squares[i] = square;
    const float deviation = square_root(square) * step.squares_correction + kEpsilon;
    weight[i] = weight[i] * step.decay - rate * mean / deviation;
  }
}

constexpr LearningKernels make_learning_kernels() {
  return {kLanes,     multiply, add_outer,      add_columns,       add_rows,
          accumulate, dot,      convolve,       convolve_backward, gather_back,
          arrive,     leave,    leave_backward, rectify_rows,      rectify_rows_backward,
          compare,    adam};
}

}  // namespace
}  // namespace ctnas
