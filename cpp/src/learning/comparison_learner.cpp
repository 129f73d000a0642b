#include "learning/comparison_learner.hpp"

#include <algorithm>
#include <numeric>

#include "learning/learning_kernels.hpp"

namespace ctnas {
namespace {

constexpr std::size_t kJudgedAtOnce = 64;
enum Stream : std::uint64_t { kDraws = 1, kDrops = 2 };

}  // namespace

ComparisonLearner::ComparisonLearner(const LearningMember& member, const LearningGraphs& graphs,
                                     const LearningLabels& labels, const LearningSchedule& schedule)
    : graphs_(graphs.lists()),
      labels_(labels),
      steps_(schedule.steps),
      pass_(make_pass(*member.shape)),
      optimizer_(schedule, pass_->layout().pack(member.parameters)),
      draws_(member.seed, kDraws),
      drops_(member.seed, kDrops),
      order_(member.rows),
      compared_(std::min(labels.compared, order_.size())) {
  const std::size_t padded = learning_width(compared_);
  levels_.resize(padded);
  scores_.resize(padded);
  score_gradient_.resize(padded);
  gradient_.resize(optimizer_.parameters().size());
}

void ComparisonLearner::learn(StepCounter& counter) {
  for (std::size_t done = 0; done < steps_; ++done) {
    step();
    counter.advance();
  }
}

/// Which architectures meet: the beginning of a permutation, or all.
void ComparisonLearner::draw() {
  const std::size_t count = order_.size();
  for (std::size_t at = 0; at < compared_; ++at) {
    if (compared_ < count) std::swap(order_[at], order_[at + draws_.below(count - at)]);
    levels_[at] = static_cast<float>(labels_.level[order_[at]]);
  }
}

/// The cross-entropy of all ordered pairs has this gradient by a score: twice the sum of
/// sigmoid - target over the opponents, divided by the number of pairs.
void ComparisonLearner::step() {
  draw();
  const std::span<const float> parameters = optimizer_.parameters();
  const std::span<const std::uint32_t> chosen(order_.data(), compared_);
  pass_->forward(parameters, graphs_, chosen, &drops_, std::span(scores_).first(compared_));
  std::ranges::fill(score_gradient_, 0.0F);
  learning_kernels().compare(scores_.data(), levels_.data(), labels_.is_exact, compared_,
                             levels_.size(), score_gradient_.data());
  const auto count = static_cast<float>(compared_);
  const float share = 2.0F / (count * (count - 1.0F));
  for (float& slope : score_gradient_) slope *= share;
  std::ranges::fill(gradient_, 0.0F);
  pass_->backward(parameters, std::span(score_gradient_).first(compared_), gradient_);
  optimizer_.step(gradient_);
}

NetworkParameters ComparisonLearner::parameters() const {
  return pass_->layout().unpack(optimizer_.parameters());
}

std::vector<float> ComparisonLearner::scores(const LearningGraphs& judged) {
  std::vector<float> scores(judged.architectures());
  std::vector<std::uint32_t> rows(kJudgedAtOnce);
  for (std::size_t first = 0; first < scores.size(); first += kJudgedAtOnce) {
    rows.resize(std::min(kJudgedAtOnce, scores.size() - first));
    std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(first));
    pass_->forward(optimizer_.parameters(), judged.lists(), rows, nullptr,
                   std::span(scores).subspan(first, rows.size()));
  }
  return scores;
}

}  // namespace ctnas
