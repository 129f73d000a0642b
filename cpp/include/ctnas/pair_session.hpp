#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "ctnas/graph_batch.hpp"
#include "ctnas/poll.hpp"
#include "ctnas/runtime.hpp"
#include "ctnas/scoring_options.hpp"

namespace ctnas {

/// Compares pairs of architectures with an exported `comparator.onnx`, one run a pair.
/// An Encoder gives the same answers with N runs for N^2 pairs; this class is there to check it.
class PairSession {
 public:
  /// \throws FileError, ModelError, ProviderError as Encoder does
  PairSession(Runtime runtime, const std::filesystem::path& model,
              const ScoringOptions& options = {});
  PairSession(Runtime runtime, std::span<const std::byte> model,
              const ScoringOptions& options = {});
  ~PairSession();
  PairSession(PairSession&&) noexcept;
  PairSession& operator=(PairSession&&) noexcept;

  [[nodiscard]] std::size_t nodes() const noexcept;
  [[nodiscard]] std::int64_t vocabulary_size() const noexcept;
  [[nodiscard]] Provider provider() const noexcept;
  [[nodiscard]] std::string provider_reason() const;
  [[nodiscard]] std::map<std::string, std::string> metadata() const;

  /// P(a_n better than b_n), Eq. 3.
  ///
  /// \param probability [N], written
  /// \throws InvalidInput naming the first entry that does not belong to the model's space
  /// \throws ModelError if a probability is not finite, naming its row
  void compare(const GraphBatch& a, const GraphBatch& b, std::span<float> probability,
               const Poll& poll = {}) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ctnas
