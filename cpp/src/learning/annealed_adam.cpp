#include "learning/annealed_adam.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "learning/learning_kernels.hpp"

namespace ctnas {
namespace {

constexpr double kWarmUp = 0.1;       // share of the steps in which the learning rate rises
constexpr double kFirstShare = 0.04;  // of the peak, where it begins
constexpr double kLastShare = 4e-6;   // and where it ends
constexpr double kMostMomentum = 0.95;
constexpr double kLeastMomentum = 0.85;
constexpr double kSquaresShare = 0.999;

/// From `begin` to `end` along a cosine.
double anneal(double begin, double end, double share) {
  return end + (begin - end) / 2 * (1 + std::cos(std::numbers::pi * share));
}

struct Cycle {
  double rate_share;
  double momentum;
};

Cycle cycle_at(std::size_t step, std::size_t total) {
  const double top = kWarmUp * static_cast<double>(total) - 1;
  const auto at = static_cast<double>(step);
  if (at <= top) {
    const double share = at / top;
    return {anneal(kFirstShare, 1, share), anneal(kMostMomentum, kLeastMomentum, share)};
  }
  const double share = (at - top) / (static_cast<double>(total) - 1 - top);
  return {anneal(1, kLastShare, share), anneal(kLeastMomentum, kMostMomentum, share)};
}

}  // namespace

AnnealedAdam::AnnealedAdam(const LearningSchedule& schedule, std::vector<float> parameters)
    : schedule_(schedule),
      parameters_(std::move(parameters)),
      momentum_(parameters_.size()),
      squares_(parameters_.size()) {}

void AnnealedAdam::step(std::span<const float> gradient) {
  const Cycle cycle = cycle_at(steps_++, schedule_.scheduled_steps);
  const auto count = static_cast<double>(steps_);
  const double rate = schedule_.learning_rate * cycle.rate_share;
  const LearningKernels& kernels = learning_kernels();
  const double length = std::sqrt(
      static_cast<double>(kernels.dot(gradient.data(), gradient.data(), gradient.size())));
  const double scale = std::min(1.0, schedule_.gradient_limit / (length + 1e-6));
  kernels.adam({static_cast<float>(rate), static_cast<float>(1 - rate * schedule_.weight_decay),
                static_cast<float>(cycle.momentum), static_cast<float>(kSquaresShare),
                static_cast<float>(1 / (1 - std::pow(cycle.momentum, count))),
                static_cast<float>(1 / std::sqrt(1 - std::pow(kSquaresShare, count))),
                static_cast<float>(scale)},
               parameters_.size(), gradient.data(), momentum_.data(), squares_.data(),
               parameters_.data());
}

}  // namespace ctnas
