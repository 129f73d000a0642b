#include "ctnas/learning.hpp"

#include <numeric>
#include <string>

#include "ctnas/error.hpp"
#include "learning/comparison_learner.hpp"
#include "learning/score_learner.hpp"
#include "parallel.hpp"

namespace ctnas {
namespace {

void require_count(const char* name, std::size_t count, std::size_t needed) {
  if (count == needed) return;
  throw InvalidInput(std::string(name) + " has " + std::to_string(count) + " entries for " +
                     std::to_string(needed) + " architectures");
}

void require_at_least(const char* name, std::size_t value, std::size_t least) {
  if (value >= least) return;
  throw InvalidInput(std::string(name) + " is " + std::to_string(value) + ": needed " +
                     std::to_string(least) + " or more");
}

void require_rows(const LearningMember& member, std::size_t labels) {
  require_at_least("the number of labels of a member", member.rows.size(), 2);
  for (const std::uint32_t row : member.rows) {
    if (row < labels) continue;
    throw InvalidInput("rows hold " + std::to_string(row) + ": needed 0 to " +
                       std::to_string(labels - 1));
  }
}

/// Tells the draws of a member that learns on from those that it began with.
constexpr std::uint64_t kCompleting = 0x9E3779B97F4A7C15U;

/// What members learn from, and how.
struct Lesson {
  const LearningGraphs& graphs;
  const LearningLabels& labels;
  const LearningCourse& course;
  const LearningGraphs& judged;
};

MemberScores learn(LearningMember& member, const Lesson& lesson, const LearningSchedule& schedule,
                   StepCounter& counter) {
  ComparisonLearner learner(member, lesson.graphs, lesson.labels, schedule);
  learner.learn(counter);
  member.parameters = learner.parameters();
  return {learner.scores(lesson.judged), learner.scores(lesson.graphs)};
}

MemberOpinion learn_member(LearningMember& member, const Lesson& lesson, StepCounter& counter) {
  const std::size_t labels = lesson.labels.level.size();
  if (member.rows.size() >= labels) {
    return {learn(member, lesson, lesson.course.whole, counter), {}};
  }
  MemberScores beginning = learn(member, lesson, lesson.course.beginning, counter);
  member.seed ^= kCompleting;
  member.rows.resize(labels);
  std::iota(member.rows.begin(), member.rows.end(), 0U);
  return {learn(member, lesson, lesson.course.completing, counter), std::move(beginning)};
}

}  // namespace

std::vector<MemberOpinion> learn_comparisons(std::span<LearningMember> members,
                                             const LearningGraphs& graphs,
                                             const LearningLabels& labels,
                                             const LearningCourse& course,
                                             const LearningGraphs& judged, std::size_t threads,
                                             const LearningProgress& progress) {
  require_count("values", labels.level.size(), graphs.architectures());
  for (const LearningMember& member : members) require_rows(member, labels.level.size());
  require_at_least("compared", labels.compared, 2);
  const Lesson lesson{graphs, labels, course, judged};
  std::vector<MemberOpinion> opinions(members.size());
  StepCounter counter;
  watched_for(
      members.size(), resolve_threads(threads), counter.poll(progress),
      [&](std::size_t index) { opinions[index] = learn_member(members[index], lesson, counter); });
  if (progress) progress(counter.done());
  return opinions;
}

void learn_scores(LearningMember& member, const LearningGraphs& graphs,
                  std::span<const float> targets, float scale, std::size_t batch,
                  const LearningSchedule& schedule, std::size_t threads,
                  const LearningProgress& progress) {
  require_count("targets", targets.size(), graphs.architectures());
  require_at_least("targets", targets.size(), 1);
  require_at_least("batch", batch, 1);
  StepCounter counter;
  watched_for(1, 1, counter.poll(progress), [&](std::size_t) {
    ScoreLearner learner(member, graphs, targets, scale, batch, schedule);
    learner.learn(counter, resolve_threads(threads));
    member.parameters = learner.parameters();
  });
  if (progress) progress(counter.done());
}

ScoreGradient score_gradient(const LearningMember& member, const LearningGraphs& graphs,
                             std::span<const float> weights, bool drops) {
  require_count("weights", weights.size(), graphs.architectures());
  const std::unique_ptr<NetworkPass> pass = make_pass(*member.shape);
  const std::vector<float> parameters = pass->layout().pack(member.parameters);
  std::vector<std::uint32_t> rows(graphs.architectures());
  std::iota(rows.begin(), rows.end(), 0U);
  Draws draws(member.seed);
  ScoreGradient result{std::vector<float>(rows.size()), {}};
  pass->forward(parameters, graphs.lists(), rows, drops ? &draws : nullptr, result.scores);
  std::vector<float> gradient(parameters.size());
  pass->backward(parameters, weights, gradient);
  result.gradients = pass->layout().unpack(gradient);
  return result;
}

}  // namespace ctnas
