#pragma once

#include <cstddef>

#include "learning/learned_array.hpp"
#include "learning/learning_kernels.hpp"

namespace ctnas {

/// x -> x W + b with learned W and b, and its backward pass.
class AffineMap {
 public:
  /// \param weight where W begins among the parameters
  /// \param bias where b begins
  AffineMap(std::size_t weight, std::size_t bias, std::size_t inputs, std::size_t outputs)
      : weight_(weight), bias_(bias), inputs_(inputs), outputs_(outputs) {}

  void apply(const float* parameters, const float* x, std::size_t rows, float* y) const {
    learning_kernels().multiply({rows, inputs_, outputs_}, x, parameters + weight_,
                                parameters + bias_, false, y);
  }

  /// Adds to the gradients of W and b.
  void add_gradient(const float* x, const float* y_gradient, std::size_t rows,
                    float* gradient) const {
    learning_kernels().add_outer({rows, inputs_, outputs_}, x, y_gradient, gradient + weight_);
    learning_kernels().add_columns(y_gradient, rows, outputs_, gradient + bias_);
  }

  /// Before `come_back`, once a step.
  void turn(const float* parameters) {
    transpose(parameters + weight_, inputs_, outputs_, turned_.reserve(inputs_ * outputs_));
  }

  /// The gradient of x, or what is added to it.
  void come_back(const float* y_gradient, std::size_t rows, bool adds, float* x_gradient) const {
    learning_kernels().multiply({rows, outputs_, inputs_}, y_gradient, turned_.data(), nullptr,
                                adds, x_gradient);
  }

 private:
  std::size_t weight_;
  std::size_t bias_;
  std::size_t inputs_;
  std::size_t outputs_;
  LearnedArray turned_;  // W transposed
};

}  // namespace ctnas
