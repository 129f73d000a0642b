#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "learning/annealed_adam.hpp"
#include "learning/draws.hpp"
#include "learning/network_pass.hpp"
#include "learning/step_counter.hpp"

namespace ctnas {

/// Trains one network on comparisons of labels.
class ComparisonLearner {
 public:
  ComparisonLearner(const LearningMember& member, const LearningGraphs& graphs,
                    const LearningLabels& labels, const LearningSchedule& schedule);

  void learn(StepCounter& counter);

  [[nodiscard]] NetworkParameters parameters() const;
  [[nodiscard]] std::vector<float> scores(const LearningGraphs& judged);

 private:
  void draw();
  void step();

  const GraphLists& graphs_;
  LearningLabels labels_;
  std::size_t steps_;
  std::unique_ptr<NetworkPass> pass_;
  AnnealedAdam optimizer_;
  Draws draws_;
  Draws drops_;
  std::vector<std::uint32_t> order_;  // the first of it meet in this step
  std::vector<float> levels_;         // of those, padded
  std::vector<float> scores_;
  std::vector<float> score_gradient_;
  std::vector<float> gradient_;
  std::size_t compared_;
};

}  // namespace ctnas
