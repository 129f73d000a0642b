#include "learning/network_pass.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "ctnas/error.hpp"
#include "learning/bidirectional_pass.hpp"
#include "learning/flow_pass.hpp"

namespace ctnas {
namespace {

void require_shape(const LearningShape& shape) {
  if (shape.width == 0 || shape.width > kMostLearningWidth) {
    throw InvalidInput("width is " + std::to_string(shape.width) + ": needed 1 to " +
                       std::to_string(kMostLearningWidth));
  }
  if (shape.kind == LearningKind::kBidirectional && shape.layers == 0) {
    throw InvalidInput("layers is 0: needed 1 or more");
  }
  if (!(shape.dropout >= 0 && shape.dropout < 1)) {
    throw InvalidInput("dropout is " + std::to_string(shape.dropout) +
                       ": needed at least 0 and below 1");
  }
}

std::vector<float> mark_used(std::size_t width) {
  std::vector<float> used(learning_width(width), 0.0F);
  std::fill_n(used.begin(), width, 1.0F);
  return used;
}

}  // namespace

NetworkPass::NetworkPass(const LearningShape& shape, RowOrder order)
    : shares_(shape.shares),
      width_(shape.width),
      padded_(learning_width(shape.width)),
      embedding_(layout_.add({1, shape.shares.rows, shape.shares.rows}, {1, width_, padded_})),
      rows_(order),
      dropped_(static_cast<std::uint32_t>(std::lround(shape.dropout * 65536.0F))),
      used_(mark_used(shape.width)) {}

void NetworkPass::forward(std::span<const float> parameters, const GraphLists& lists,
                          std::span<const std::uint32_t> architectures, Draws* draws,
                          std::span<float> scores) {
  if (lists.operations > shares_.operations()) {
    throw InvalidInput("graphs have " + std::to_string(lists.operations) +
                       " operation ids and the network " + std::to_string(shares_.operations()));
  }
  const Dropout dropout{draws, dropped_};
  rows_.choose(lists, architectures);
  states_.reserve(rows_.size() * padded_);
  compute_states(parameters.data(), dropout);
  graph_scores_.resize(rows_.graphs());
  readout_->forward(parameters.data(), rows_, states_.data(), dropout, graph_scores_);
  const std::size_t views = rows_.views();
  for (std::size_t at = 0; at < scores.size(); ++at) {
    float sum = 0.0F;
    for (std::size_t view = 0; view < views; ++view) sum += graph_scores_[at * views + view];
    scores[at] = sum / static_cast<float>(views);
  }
}

void NetworkPass::backward(std::span<const float> parameters, std::span<const float> scores,
                           std::span<float> gradient) {
  const std::size_t views = rows_.views();
  for (std::size_t graph = 0; graph < graph_scores_.size(); ++graph) {
    graph_scores_[graph] = scores[graph / views] / static_cast<float>(views);
  }
  readout_->backward(parameters.data(), rows_, graph_scores_, gradient.data(),
                     state_gradient_.reserve(rows_.size() * padded_));
  go_back(parameters.data(), gradient.data());
}

std::unique_ptr<NetworkPass> make_pass(const LearningShape& shape) {
  require_shape(shape);
  if (shape.kind == LearningKind::kFlow) return std::make_unique<FlowPass>(shape);
  return std::make_unique<BidirectionalPass>(shape);
}

std::vector<ParameterSize> parameter_sizes(const LearningShape& shape) {
  return make_pass(shape)->layout().sizes();
}

}  // namespace ctnas
