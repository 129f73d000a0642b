#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>

#include "comparator_graph.hpp"
#include "ctnas/poll.hpp"
#include "ctnas/scoring_options.hpp"
#include "session.hpp"

namespace ctnas {

/// Inputs and outputs that a model of ours must have.
struct Signature {
  std::span<const NamedRole> inputs;
  std::span<const NamedRole> outputs;  // all of Role::kScore
};

/// A model of ours with a way to run over batches: in chunks, on several threads.
class ScoringModel {
 public:
  ScoringModel(Runtime runtime, const ModelSource& source, const ScoringOptions& options,
               const Signature& signature);

  [[nodiscard]] const ComparatorSize& size() const noexcept { return size_; }
  [[nodiscard]] std::size_t threads() const noexcept { return threads_; }
  [[nodiscard]] std::shared_ptr<const Session> session() const;

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
  Signature signature_;
  std::shared_ptr<const Session> session_;
  mutable std::mutex session_mutex_;
  ComparatorSize size_;
  std::size_t threads_;
  std::size_t chunk_;
};

}  // namespace ctnas
