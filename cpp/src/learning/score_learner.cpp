#include "learning/score_learner.hpp"

#include <algorithm>

#include "learning/learning_kernels.hpp"
#include "parallel.hpp"

namespace ctnas {
namespace {

constexpr std::size_t kParts = 4;
enum Stream : std::uint64_t { kDraws = 1, kDrops = 2 };

}  // namespace

ScoreLearner::ScoreLearner(const LearningMember& member, const LearningGraphs& graphs,
                           std::span<const float> targets, float scale, std::size_t batch,
                           const LearningSchedule& schedule)
    : graphs_(graphs.lists()),
      targets_(targets),
      scale_(scale),
      batch_(batch),
      steps_(schedule.steps),
      optimizer_(schedule, make_pass(*member.shape)->layout().pack(member.parameters)),
      draws_(member.seed, kDraws) {
  const std::size_t count = std::min(kParts, batch);
  for (std::size_t index = 0; index < count; ++index) {
    const std::size_t size = (index + 1) * batch / count - index * batch / count;
    parts_.push_back({make_pass(*member.shape), Draws(member.seed, kDrops + index),
                      std::vector<std::uint32_t>(size), std::vector<float>(size),
                      std::vector<float>(optimizer_.parameters().size())});
  }
}

void ScoreLearner::learn(StepCounter& counter, std::size_t threads) {
  for (std::size_t done = 0; done < steps_; ++done) {
    step(threads);
    counter.advance();
  }
}

void ScoreLearner::step(std::size_t threads) {
  for (Part& part : parts_) {
    for (std::uint32_t& row : part.rows) row = draws_.below(targets_.size());
  }
  parallel_for(parts_.size(), threads, {},
               [this](std::size_t index) { learn_part(parts_[index]); });
  std::vector<float>& sum = parts_.front().gradient;
  for (std::size_t index = 1; index < parts_.size(); ++index) {
    learning_kernels().accumulate(parts_[index].gradient.data(), 1.0F, sum.size(), sum.data());
  }
  optimizer_.step(sum);
}

/// Squared errors, divided by the scale of the targets, in the mean over the batch.
void ScoreLearner::learn_part(Part& part) {
  part.pass->forward(optimizer_.parameters(), graphs_, part.rows, &part.drops, part.scores);
  const float share = 2.0F / (static_cast<float>(batch_) * scale_ * scale_);
  for (std::size_t at = 0; at < part.rows.size(); ++at) {
    part.scores[at] = (part.scores[at] - targets_[part.rows[at]]) * share;
  }
  std::ranges::fill(part.gradient, 0.0F);
  part.pass->backward(optimizer_.parameters(), part.scores, part.gradient);
}

NetworkParameters ScoreLearner::parameters() const {
  return parts_.front().pass->layout().unpack(optimizer_.parameters());
}

}  // namespace ctnas
