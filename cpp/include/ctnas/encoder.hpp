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

/// Turns architectures into logits with an exported `ranker.onnx`.
///
/// Eq. 6 is linear in the two embeddings, so one pass over N architectures is enough to compare all
/// N^2 pairs: P(i better than j) = sigmoid(challenger_logit_i + opponent_logit_j).
///
/// Any number of threads may use one encoder at the same time, also while it is refreshed.
class Encoder {
 public:
  /// \throws FileError if the file cannot be read
  /// \throws ModelError if the model is corrupt, foreign or from a newer ctnas
  /// \throws ProviderError if `options` ask for CUDA and it is not usable
  Encoder(Runtime runtime, const std::filesystem::path& model, const ScoringOptions& options = {});
  Encoder(Runtime runtime, std::span<const std::byte> model, const ScoringOptions& options = {});
  ~Encoder();
  Encoder(Encoder&&) noexcept;
  Encoder& operator=(Encoder&&) noexcept;

  [[nodiscard]] std::size_t nodes() const noexcept;                   ///< V
  [[nodiscard]] std::int64_t vocabulary_size() const noexcept;        ///< ids are below this
  [[nodiscard]] std::size_t threads() const noexcept;                 ///< as resolved
  [[nodiscard]] Provider provider() const noexcept;                   ///< kCpu or kCuda
  [[nodiscard]] std::string provider_reason() const;                  ///< why that one, for people
  [[nodiscard]] std::map<std::string, std::string> metadata() const;  ///< of the model in use

  /// What computes the logits: "avx512", "avx2" or "baseline" where the weights of the model are
  /// those of an encoder that the library can compute itself, else "onnxruntime".
  [[nodiscard]] std::string engine() const;

  /// Encodes N architectures.  Nothing runs before all of them have been checked.
  ///
  /// \param challenger_logit [N], written
  /// \param opponent_logit [N], written
  /// \throws InvalidInput naming the first entry that does not belong to the model's space
  /// \throws ModelError if a logit is not finite, naming its row
  /// \throws ProviderError if CUDA fails, for instance for want of memory
  /// \throws std::invalid_argument if the two outputs differ in length
  void encode(const GraphBatch& batch, std::span<float> challenger_logit,
              std::span<float> opponent_logit, const Poll& poll = {}) const;

  /// Goes over to a model with other weights.  Calls under way finish on the old one.
  /// \throws ModelError if the new model differs in more than weights; the old one stays in use
  void refresh(std::span<const std::byte> model);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ctnas
