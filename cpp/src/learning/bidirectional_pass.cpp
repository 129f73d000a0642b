#include "learning/bidirectional_pass.hpp"

#include "learning/operation_table.hpp"

namespace ctnas {

BidirectionalPass::BidirectionalPass(const LearningShape& shape)
    : NetworkPass(shape, RowOrder::kGraphs) {
  for (std::size_t layer = 0; layer < shape.layers; ++layer) {
    const std::size_t weight = add_weight(3);
    const std::size_t bias = layout_.add({1, 1, 1}, {3, width_, padded_});
    const std::size_t gain = add_row();
    const std::size_t shift = add_row();
    layers_.push_back(
        {AffineMap(weight, bias, padded_, 3 * padded_), gain, shift, {}, {}, {}, {}, {}});
  }
  add_readout(false);
}

void BidirectionalPass::compute_states(const float* parameters, const Dropout& dropout) {
  fill_operation_table(shares_, parameters + embedding_, padded_,
                       embedding_table_.reserve(shares_.operations() * padded_));
  for (std::size_t index = 0; index < layers_.size(); ++index) {
    convolve(parameters, dropout, index);
  }
}

void BidirectionalPass::convolve(const float* parameters, const Dropout& dropout,
                                 std::size_t index) {
  Layer& layer = layers_[index];
  const bool is_first = index == 0;
  const std::size_t sources = is_first ? shares_.operations() : rows_.size();
  const float* const features = is_first ? embedding_table_.data() : layers_[index - 1].out.data();
  float* const messages = messages_.reserve(sources * 3 * padded_);
  layer.messages.apply(parameters, features, sources, messages);
  layer.left = dropout.draw(rows_.graphs(), padded_, layer.kept);
  const bool is_last = index + 1 == layers_.size();
  float* const out = is_last ? states_.data() : layer.out.reserve(rows_.size() * padded_);
  learning_kernels().convolve(
      is_first ? rows_.of_operations() : rows_.nodes(), rows_.size(), features, messages,
      {layer.left, rows_.graph()}, norm(parameters, layer.gain, layer.shift),
      layer.message.reserve(rows_.size() * padded_),
      {layer.normalized.reserve(rows_.size() * padded_), layer.inverse.reserve(rows_.size())}, out);
}

void BidirectionalPass::go_back(const float* parameters, float* gradient) {
  for (std::size_t index = layers_.size(); index-- > 0;) {
    convolve_back(parameters, index, gradient);
  }
}

void BidirectionalPass::convolve_back(const float* parameters, std::size_t index, float* gradient) {
  Layer& layer = layers_[index];
  const std::size_t count = rows_.size();
  float* const features = state_gradient_.data();
  float* const aggregated = aggregated_.reserve(count * padded_);
  learning_kernels().convolve_backward(
      count, layer.message.data(), {layer.left, rows_.graph()},
      norm(parameters, layer.gain, layer.shift), {layer.normalized.data(), layer.inverse.data()},
      {gradient + layer.gain, gradient + layer.shift}, features, aggregated);
  layer.messages.turn(parameters);
  if (index == 0) return leave_operations(gradient);
  float* const messages = messages_.reserve(count * 3 * padded_);
  learning_kernels().gather_back(rows_.nodes(), count, aggregated, padded_, false, messages);
  layer.messages.add_gradient(layers_[index - 1].out.data(), messages, count, gradient);
  layer.messages.come_back(messages, count, true, features);
}

/// The first layer: gradients of all nodes of an operation add up before they are multiplied.
void BidirectionalPass::leave_operations(float* gradient) {
  const std::size_t operations = shares_.operations();
  float* const messages = messages_.clear(operations * 3 * padded_);
  float* const table = table_gradient_.clear(operations * padded_);
  const LearningKernels& kernels = learning_kernels();
  kernels.gather_back(rows_.to_operations(), rows_.size(), aggregated_.data(), padded_, true,
                      messages);
  kernels.add_rows(state_gradient_.data(), rows_.operation(), rows_.size(), padded_, table);
  layers_.front().messages.add_gradient(embedding_table_.data(), messages, operations, gradient);
  layers_.front().messages.come_back(messages, operations, true, table);
  add_operation_rows(shares_, table, padded_, gradient + embedding_);
}

}  // namespace ctnas
