#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "ctnas/learning.hpp"

namespace ctnas {

/// AdamW along one cycle: the learning rate rises along a cosine to its peak while momentum falls,
/// and goes back with it.
/// Source: Smith and Topin, "Super-Convergence", 2018; Loshchilov and Hutter, "Decoupled Weight
/// Decay Regularization", ICLR 2019.
class AnnealedAdam {
 public:
  AnnealedAdam(const LearningSchedule& schedule, std::vector<float> parameters);

  /// Takes the next step down the gradient.
  void step(std::span<const float> gradient);

  [[nodiscard]] std::span<const float> parameters() const { return parameters_; }

 private:
  LearningSchedule schedule_;
  std::vector<float> parameters_;
  std::vector<float> momentum_;
  std::vector<float> squares_;
  std::size_t steps_ = 0;
};

}  // namespace ctnas
