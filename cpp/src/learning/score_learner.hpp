#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "learning/annealed_adam.hpp"
#include "learning/draws.hpp"
#include "learning/network_pass.hpp"
#include "learning/step_counter.hpp"

namespace ctnas {

/// Trains one network on given scores.  The architectures of a step are divided into parts, whose
/// gradients are added up in one order, whichever thread computes them.
class ScoreLearner {
 public:
  ScoreLearner(const LearningMember& member, const LearningGraphs& graphs,
               std::span<const float> targets, float scale, std::size_t batch,
               const LearningSchedule& schedule);

  void learn(StepCounter& counter, std::size_t threads);

  [[nodiscard]] NetworkParameters parameters() const;

 private:
  struct Part {
    std::unique_ptr<NetworkPass> pass;
    Draws drops;
    std::vector<std::uint32_t> rows;
    std::vector<float> scores;
    std::vector<float> gradient;
  };

  void step(std::size_t threads);
  void learn_part(Part& part);

  const GraphLists& graphs_;
  std::span<const float> targets_;
  float scale_;
  std::size_t batch_;
  std::size_t steps_;
  std::vector<Part> parts_;
  AnnealedAdam optimizer_;
  Draws draws_;
};

}  // namespace ctnas
