#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "ctnas/poll.hpp"
#include "ctnas/scoring_options.hpp"
#include "embedding/comparator_graph.hpp"
#include "runtime/lane_pool.hpp"
#include "runtime/session.hpp"

namespace ctnas {

/// A model of ours with a way to run over batches: in chunks, on several threads.
class ScoringModel {
 public:
  ScoringModel(Runtime runtime, const ModelSource& source, const ScoringOptions& options,
               const Signature& signature);

  [[nodiscard]] const ComparatorSize& size() const noexcept { return size_; }
  [[nodiscard]] std::size_t threads() const noexcept { return threads_; }
  [[nodiscard]] std::shared_ptr<const Session> session() const;

  /// Why it runs where it runs, for people.
  [[nodiscard]] std::string provider_reason() const;

  /// Runs the model on N rows.
  ///
  /// \param inputs memory of N rows each, in the order of the signature
  /// \param scores [N] each, in the order of the signature, written
  /// \throws ModelError naming the first row with a score that is not finite
  void score(std::span<const std::span<const std::byte>> inputs,
             std::span<const std::span<float>> scores, const Poll& poll) const;

  /// \throws ModelError if the model has other sizes or another signature
  void refresh(std::span<const std::byte> model);

 private:
  /// A session with what it needs to run.
  struct Engine {
    std::shared_ptr<const Session> session;
    std::shared_ptr<const LanePool> lanes;  // none on the CPU, or if CUDA does without
    std::string reason;
  };

  [[nodiscard]] std::shared_ptr<const Engine> make_engine(
      std::shared_ptr<const Session> session) const;
  [[nodiscard]] std::shared_ptr<const Engine> engine() const;

  Signature signature_;
  ComparatorSize size_;
  std::size_t threads_;
  std::size_t chunk_;
  mutable std::mutex engine_mutex_;
  std::shared_ptr<const Engine> engine_;
};

}  // namespace ctnas
