#include "learning/flow_pass.hpp"

#include <cmath>

#include "learning/operation_table.hpp"

namespace ctnas {

FlowPass::FlowPass(const LearningShape& shape)
    : NetworkPass(shape, RowOrder::kLevels),
      source_(add_row()),
      gate_(0, 0, 0, 0),
      transform_(0, 0, 0, 0) {
  const auto add_map = [this] {
    const std::size_t weight = add_weight(1);
    return AffineMap(weight, add_row(), padded_, padded_);
  };
  gate_ = add_map();
  transform_ = add_map();
  gain_ = add_row();
  shift_ = add_row();
  add_readout(true);
}

FlowTape FlowPass::tape() {
  return {
      gates_.data(), arriving_.data(), transformed_.data(), {normalized_.data(), inverse_.data()}};
}

/// The gates of all operations: logistic functions of their features.
void FlowPass::open_gates(const float* parameters) {
  const std::size_t operations = shares_.operations();
  float* const table = embedding_table_.reserve(operations * padded_);
  float* const gates = gates_.reserve(operations * padded_);
  fill_operation_table(shares_, parameters + embedding_, padded_, table);
  gate_.apply(parameters, table, operations, gates);
  for (std::size_t at = 0; at < operations * padded_; ++at) {
    gates[at] = 1.0F / (1.0F + std::exp(-gates[at]));
  }
}

/// Nodes that nothing feeds: inputs have the learned state, others none.
void FlowPass::start(const float* parameters) {
  float* const states = states_.data();
  std::fill_n(states, fed_rows() * padded_, 0.0F);
  for (std::size_t row = 0; row < fed_rows(); ++row) {
    if (rows_.flow().starts[row] == 0) continue;
    const float* const kept = left_ == nullptr ? nullptr : left_ + rows_.graph()[row] * padded_;
    for (std::size_t at = 0; at < padded_; ++at) {
      states[row * padded_ + at] = parameters[source_ + at] * (kept == nullptr ? 1.0F : kept[at]);
    }
  }
}

void FlowPass::compute_states(const float* parameters, const Dropout& dropout) {
  const std::size_t count = rows_.size();
  for (auto* array : {&arriving_, &transformed_, &normalized_}) array->reserve(count * padded_);
  inverse_.reserve(count);
  left_ = dropout.draw(rows_.graphs(), padded_, kept_);
  open_gates(parameters);
  if (count == 0) return;
  start(parameters);
  const auto levels = rows_.levels();
  const LearnedNorm normalization = norm(parameters, gain_, shift_);
  for (std::size_t level = 1; level + 1 < levels.size(); ++level) {
    const RowRange range{levels[level], levels[level + 1]};
    const std::size_t at = range.first * padded_;
    learning_kernels().arrive(rows_.nodes(), range, states_.data(), padded_, arriving_.data());
    transform_.apply(parameters, arriving_.data() + at, range.last - range.first,
                     transformed_.data() + at);
    learning_kernels().leave(rows_.flow(), range, parameters + source_, {left_, rows_.graph()},
                             normalization, tape(), states_.data());
  }
}

void FlowPass::follow_back(const float* parameters, const RowRange& rows, float* gradient) {
  learning_kernels().leave_backward(
      rows_.nodes(), rows_.flow(), rows, {left_, rows_.graph()}, norm(parameters, gain_, shift_),
      tape(), state_gradient_.data(), arriving_gradient_.data(), linear_gradient_.data(),
      gradient + source_, gate_gradient_.data(), {gradient + gain_, gradient + shift_});
  transform_.come_back(linear_gradient_.data() + rows.first * padded_, rows.last - rows.first, true,
                       arriving_gradient_.data() + rows.first * padded_);
}

void FlowPass::start_back(float* gradient) {
  const NodeRows nodes = rows_.nodes();
  for (std::size_t row = 0; row < fed_rows(); ++row) {
    if (rows_.flow().starts[row] == 0) continue;
    float* const state = state_gradient_.data() + row * padded_;
    const Neighborhood& near = nodes.neighborhoods[row];
    for (std::uint32_t edge = near.successors; edge < near.predecessors; ++edge) {
      learning_kernels().accumulate(arriving_gradient_.data() + nodes.neighbors[edge] * padded_,
                                    1.0F, padded_, state);
    }
    const float* const kept = left_ == nullptr ? nullptr : left_ + rows_.graph()[row] * padded_;
    for (std::size_t at = 0; at < padded_; ++at) {
      gradient[source_ + at] += state[at] * (kept == nullptr ? 1.0F : kept[at]);
    }
  }
}

void FlowPass::go_back(const float* parameters, float* gradient) {
  const std::size_t count = rows_.size();
  if (count == 0) return;
  arriving_gradient_.reserve(count * padded_);
  linear_gradient_.reserve(count * padded_);
  gate_gradient_.clear(shares_.operations() * padded_);
  transform_.turn(parameters);
  const auto levels = rows_.levels();
  for (std::size_t level = levels.size() - 1; level-- > 1;) {
    follow_back(parameters, {levels[level], levels[level + 1]}, gradient);
  }
  start_back(gradient);
  const std::size_t first = fed_rows() * padded_;
  transform_.add_gradient(arriving_.data() + first, linear_gradient_.data() + first,
                          count - fed_rows(), gradient);
  close_gates(parameters, gradient);
}

void FlowPass::close_gates(const float* parameters, float* gradient) {
  const std::size_t operations = shares_.operations();
  float* const gates = gate_gradient_.data();
  for (std::size_t at = 0; at < operations * padded_; ++at) {
    const float gate = gates_.data()[at];
    gates[at] *= gate * (1.0F - gate);
  }
  float* const table = table_gradient_.reserve(operations * padded_);
  gate_.add_gradient(embedding_table_.data(), gates, operations, gradient);
  gate_.turn(parameters);
  gate_.come_back(gates, operations, false, table);
  add_operation_rows(shares_, table, padded_, gradient + embedding_);
}

}  // namespace ctnas
