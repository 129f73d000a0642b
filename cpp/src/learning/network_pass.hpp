#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "ctnas/learning.hpp"
#include "learning/batch_rows.hpp"
#include "learning/readout.hpp"

namespace ctnas {

/// A forward pass of a network and the backward pass that follows it, with their memory.
class NetworkPass {
 public:
  virtual ~NetworkPass() = default;
  NetworkPass(const NetworkPass&) = delete;
  NetworkPass& operator=(const NetworkPass&) = delete;

  /// Scores architectures: the mean over their views.
  /// \param parameters packed
  /// \param draws of dropout; nullptr: nothing is dropped
  void forward(std::span<const float> parameters, const GraphLists& lists,
               std::span<const std::uint32_t> architectures, Draws* draws, std::span<float> scores);

  /// Adds to the gradient of the parameters, given that of the scores.
  void backward(std::span<const float> parameters, std::span<const float> scores,
                std::span<float> gradient);

  [[nodiscard]] const ParameterLayout& layout() const { return layout_; }

 protected:
  NetworkPass(const LearningShape& shape, RowOrder order);

  virtual void compute_states(const float* parameters, const Dropout& dropout) = 0;
  virtual void go_back(const float* parameters, float* gradient) = 0;

  [[nodiscard]] LearnedNorm norm(const float* parameters, std::size_t gain,
                                 std::size_t shift) const {
    return {width_, padded_, parameters + gain, parameters + shift, used_.data()};
  }

  /// Adds an array of a row of features.
  std::size_t add_row() { return layout_.add({1, 1, 1}, {1, width_, padded_}); }
  /// Adds the weight of a map from features to `maps` times as many.
  std::size_t add_weight(std::size_t maps) {
    return layout_.add({1, width_, padded_}, {maps, width_, padded_});
  }
  /// Adds what turns states into scores; the last of the parameters.
  void add_readout(bool has_bias) { readout_.emplace(layout_, width_, has_bias); }

  ParameterLayout layout_;
  OperationShares shares_;
  std::size_t width_;
  std::size_t padded_;
  std::size_t embedding_;  // where the features of operations begin
  BatchRows rows_;
  LearnedArray states_;  // [rows, padded]
  LearnedArray state_gradient_;

 private:
  std::uint32_t dropped_;
  std::vector<float> used_;
  std::optional<Readout> readout_;
  std::vector<float> graph_scores_;
};

/// \throws InvalidInput if the shape is not allowed
[[nodiscard]] std::unique_ptr<NetworkPass> make_pass(const LearningShape& shape);

}  // namespace ctnas
