#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "runtime/lane_pool.hpp"

namespace ctnas {

/// Runs a session on parts of a batch: straight from and to the caller's memory, or in lanes.
class RowScorer {
 public:
  /// All arguments must outlive the scorer.
  /// \param lanes where to run; none: no lane
  RowScorer(const Session& session, const Signature& signature, std::size_t nodes,
            std::span<const std::span<const std::byte>> inputs,
            std::span<const std::span<float>> scores, const LanePool* lanes = nullptr);

  /// Scores the rows [first, last).
  /// \throws ModelError if the model fails, or naming the first row whose score is not finite
  void score(std::size_t first, std::size_t last) const;

  /// Scores the rows [first, last), whatever comes out.
  /// \throws ModelError if the model fails
  void run(std::size_t first, std::size_t last) const;

 private:
  void score_rows(std::size_t first, std::size_t last) const;
  void score_one_row(std::size_t row) const;

  const Session& session_;
  const Signature& signature_;
  std::size_t nodes_;
  std::span<const std::span<const std::byte>> inputs_;
  std::span<const std::span<float>> scores_;
  const LanePool* lanes_;
};

/// \throws ModelError naming the first of the rows [first, last) whose score is not finite
void require_finite_scores(const char* name, std::span<const float> score, std::size_t first,
                           std::size_t last);

/// Scores one architecture of padding only, to see that the session runs at all.
void score_padding(const Session& session, const Signature& signature, std::size_t nodes);

}  // namespace ctnas
