#include "learning/readout.hpp"

namespace ctnas {
namespace {

constexpr std::uint32_t kOutput = 2;
constexpr std::uint32_t kPadding = 0;
constexpr float kNodesScale = 0.25F;

AffineMap add_hidden(ParameterLayout& layout, std::size_t width) {
  const std::size_t padded = learning_width(width);
  const std::size_t weight = layout.add({2, width, padded}, {1, width, padded});
  const std::size_t bias = layout.add({1, 1, 1}, {1, width, padded});
  return {weight, bias, 2 * padded, padded};
}

}  // namespace

const float* Dropout::draw(std::size_t graphs, std::size_t padded, LearnedArray& rows) const {
  if (draws == nullptr || dropped == 0) return nullptr;
  const float value = 65536.0F / static_cast<float>(65536 - dropped);
  draws->keep(rows.reserve(graphs * padded), graphs * padded, dropped, value);
  return rows.data();
}

Readout::Readout(ParameterLayout& layout, std::size_t width, bool has_bias)
    : padded_(learning_width(width)),
      hidden_map_(add_hidden(layout, width)),
      score_(layout.add({1, 1, 1}, {1, width, padded_})),
      score_bias_(has_bias ? layout.add({1, 1, 1}, {1, 1, kLearningPadding}) : 0),
      has_bias_(has_bias) {}

void Readout::pool(const BatchRows& rows, const float* states) {
  float* const pooled = pooled_.clear(rows.graphs() * 2 * padded_);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const float* const state = states + row * padded_;
    float* const sums = pooled + std::size_t{2} * rows.graph()[row] * padded_;
    const std::uint32_t operation = rows.operation()[row];
    if (operation == kOutput) learning_kernels().accumulate(state, 1.0F, padded_, sums);
    if (operation != kPadding) {
      learning_kernels().accumulate(state, kNodesScale, padded_, sums + padded_);
    }
  }
}

void Readout::forward(const float* parameters, const BatchRows& rows, const float* states,
                      const Dropout& dropout, std::span<float> scores) {
  const std::size_t graphs = rows.graphs();
  pool(rows, states);
  float* const hidden = hidden_.reserve(graphs * padded_);
  hidden_map_.apply(parameters, pooled_.data(), graphs, hidden);
  left_ = dropout.draw(graphs, padded_, kept_);
  learning_kernels().rectify(graphs, padded_, left_, hidden);
  const float bias = has_bias_ ? parameters[score_bias_] : 0.0F;
  for (std::size_t graph = 0; graph < graphs; ++graph) {
    scores[graph] =
        learning_kernels().dot(hidden + graph * padded_, parameters + score_, padded_) + bias;
  }
}

void Readout::backward(const float* parameters, const BatchRows& rows,
                       std::span<const float> scores, float* gradient, float* states) {
  const LearningKernels& kernels = learning_kernels();
  const std::size_t graphs = rows.graphs();
  float* const hidden = hidden_gradient_.clear(graphs * padded_);
  for (std::size_t graph = 0; graph < graphs; ++graph) {
    kernels.accumulate(hidden_.data() + graph * padded_, scores[graph], padded_, gradient + score_);
    kernels.accumulate(parameters + score_, scores[graph], padded_, hidden + graph * padded_);
    if (has_bias_) gradient[score_bias_] += scores[graph];
  }
  kernels.rectify_backward(graphs, padded_, hidden_.data(), left_, hidden);
  hidden_map_.add_gradient(pooled_.data(), hidden, graphs, gradient);
  hidden_map_.turn(parameters);
  float* const pooled = pooled_gradient_.reserve(graphs * 2 * padded_);
  hidden_map_.come_back(hidden, graphs, false, pooled);
  std::fill_n(states, rows.size() * padded_, 0.0F);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const float* const sums = pooled + std::size_t{2} * rows.graph()[row] * padded_;
    const std::uint32_t operation = rows.operation()[row];
    float* const state = states + row * padded_;
    if (operation == kOutput) kernels.accumulate(sums, 1.0F, padded_, state);
    if (operation != kPadding) kernels.accumulate(sums + padded_, kNodesScale, padded_, state);
  }
}

}  // namespace ctnas
