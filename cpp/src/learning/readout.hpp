#pragma once

#include <cstddef>
#include <span>

#include "learning/affine_map.hpp"
#include "learning/batch_rows.hpp"
#include "learning/draws.hpp"
#include "learning/learned_array.hpp"
#include "learning/parameter_layout.hpp"

namespace ctnas {

/// Features that are dropped in training.
struct Dropout {
  Draws* draws;
  std::uint32_t dropped;  ///< of 65,536

  /// A row of what is left for each of `graphs` graphs; nullptr where nothing is dropped.
  [[nodiscard]] const float* draw(std::size_t graphs, std::size_t padded, LearnedArray& rows) const;
};

/// From the states of nodes to scores: the output node beside the sum over all nodes, a hidden
/// layer, one number.
class Readout {
 public:
  Readout(ParameterLayout& layout, std::size_t width, bool has_bias);

  void forward(const float* parameters, const BatchRows& rows, const float* states,
               const Dropout& dropout, std::span<float> scores);

  /// \param scores gradient of the scores
  /// \param states receives the gradient of the states
  void backward(const float* parameters, const BatchRows& rows, std::span<const float> scores,
                float* gradient, float* states);

 private:
  void pool(const BatchRows& rows, const float* states);

  std::size_t padded_;
  AffineMap hidden_map_;
  std::size_t score_;
  std::size_t score_bias_;
  bool has_bias_;
  LearnedArray pooled_;  // [graphs, 2, padded]
  LearnedArray hidden_;  // [graphs, padded]
  LearnedArray kept_;    // [graphs, padded]
  const float* left_ = nullptr;
  LearnedArray hidden_gradient_;
  LearnedArray pooled_gradient_;
};

}  // namespace ctnas
