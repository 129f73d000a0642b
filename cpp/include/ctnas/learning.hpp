/// \file
/// Small graph networks that learn to score architectures.
///
/// A network gives every architecture a score s; architecture i is better than j with probability
/// sigmoid(s_i - s_j).  Networks learn from comparisons of labels, or from scores that another
/// model has given.  Equal seeds give equal weights, whatever the number of threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "ctnas/graph_batch.hpp"

namespace ctnas {

struct GraphLists;

/// What learns: by convolutions along and against the edges, or by following the data.
enum class LearningKind { kBidirectional, kFlow };

/// What each of O operations has of each of R rows of learned features: sparse, by operation.
struct OperationShares {
  std::size_t rows = 0;              ///< R
  std::vector<std::uint32_t> first;  ///< [O + 1]
  std::vector<std::uint32_t> row;
  std::vector<float> share;

  [[nodiscard]] std::size_t operations() const { return first.size() - 1; }
};

struct LearningShape {
  LearningKind kind;
  std::size_t width;   ///< features of a node, 1 to 1,024
  std::size_t layers;  ///< of convolutions
  float dropout;       ///< probability with which a feature of a graph is dropped in training
  OperationShares shares;
};

/// AdamW with a learning rate that rises in a tenth of the steps and then falls to zero.
struct LearningSchedule {
  std::size_t steps;
  std::size_t scheduled_steps;  ///< until the learning rate is zero; at least `steps`
  float learning_rate;          ///< where it peaks
  float weight_decay;
  float gradient_limit;  ///< longest gradient that is followed
};

/// Graphs of architectures, each of which has as many views, as lists of edges.
class LearningGraphs {
 public:
  /// \param batch graphs of `nodes` nodes, the views of an architecture after one another
  /// \param operations number of operation ids
  /// \throws InvalidInput
  LearningGraphs(const GraphBatch& batch, std::size_t nodes, std::size_t operations,
                 std::size_t views);
  ~LearningGraphs();
  LearningGraphs(LearningGraphs&&) noexcept;
  LearningGraphs& operator=(LearningGraphs&&) noexcept;

  [[nodiscard]] std::size_t architectures() const;
  [[nodiscard]] const GraphLists& lists() const { return *lists_; }

 private:
  std::unique_ptr<const GraphLists> lists_;
};

/// A learned array as it stands outside: `rows` times `columns` numbers.
struct ParameterSize {
  std::size_t rows;
  std::size_t columns;
};

/// The arrays of a network, in an order that its kind defines.
using NetworkParameters = std::vector<std::vector<float>>;

/// Sizes of the learned arrays.  Both kinds: features of the operations [R, d].  Bidirectional: for
/// each layer weight [d, 3 d] (of a node itself, as a successor, as a predecessor), bias, gain and
/// shift; hidden weight [2 d, d] and bias; score weight [1, d].  Flow: source; gate weight [d, d]
/// and bias; weight [d, d] and bias; gain and shift; hidden weight [2 d, d] and bias; score weight
/// [1, d] and bias [1, 1].
[[nodiscard]] std::vector<ParameterSize> parameter_sizes(const LearningShape& shape);

/// Called with the number of steps done, every few milliseconds and at the end, on the thread
/// that started the computation.  What it throws ends the computation and reaches the caller.
using LearningProgress = std::function<void(std::size_t)>;

/// Labels of some architectures.
struct LearningLabels {
  std::span<const double> level;  ///< divided so that P(i better than j) is Phi of a difference
  bool is_exact;                  ///< only the order of levels counts
  std::size_t compared;           ///< architectures that meet in a step
};

/// A network that learns from comparisons.
struct LearningMember {
  const LearningShape* shape;
  NetworkParameters parameters;  ///< when learning begins; trained when it has ended
  std::uint64_t seed;            ///< of draws and dropout
  /// What it learns from of the labeled architectures; at least two.
  std::vector<std::uint32_t> rows;
};

/// Scores of what is judged [N] and of the labeled [M].
struct MemberScores {
  std::vector<float> judged;
  std::vector<float> labeled;
};

/// What a member says: at the end, and when it knew its own rows only, if they are not all.
struct MemberOpinion {
  MemberScores final;
  MemberScores beginning;
};

/// By which schedules members learn.
struct LearningCourse {
  LearningSchedule whole;       ///< of a member whose rows are all of the labels
  LearningSchedule beginning;   ///< of any other, from its rows
  LearningSchedule completing;  ///< of that one after it, from all labels
};

/// Trains each member by the cross-entropy of all comparisons in a step; members are independent.
[[nodiscard]] std::vector<MemberOpinion> learn_comparisons(
    std::span<LearningMember> members, const LearningGraphs& graphs, const LearningLabels& labels,
    const LearningCourse& course, const LearningGraphs& judged, std::size_t threads,
    const LearningProgress& progress);

/// Trains a network on squared errors, `batch` architectures at random in a step.
/// \param targets [N], scores to learn
/// \param scale errors are divided by it
void learn_scores(LearningMember& member, const LearningGraphs& graphs,
                  std::span<const float> targets, float scale, std::size_t batch,
                  const LearningSchedule& schedule, std::size_t threads,
                  const LearningProgress& progress);

/// Scores of all architectures, and the gradients of the sum of their scores times `weights`.
struct ScoreGradient {
  std::vector<float> scores;
  NetworkParameters gradients;
};

/// \param drops drop features as in training, by the member's seed
[[nodiscard]] ScoreGradient score_gradient(const LearningMember& member,
                                           const LearningGraphs& graphs,
                                           std::span<const float> weights, bool drops);

}  // namespace ctnas
