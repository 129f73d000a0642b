#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "ctnas/encoder.hpp"
#include "ctnas/poll.hpp"
#include "ctnas/space.hpp"

namespace ctnas {

/// How a pool of candidates grows.
struct CandidatePoolOptions {
  std::size_t keep = 1000;  ///< candidates that stay
  std::uint64_t seed = 0;   ///< equal seeds give equal pools, whatever the number of threads
  double immigrants = 0.1;  ///< share of candidates that are drawn anew
  double crossovers = 0.2;  ///< share that has two parents; the rest are mutants of one
  std::size_t threads = 0;  ///< that make candidates; 0: one for every core
};

/// The best architectures of all that it has seen, each of which it sees once.
///
/// A candidate never leaves the core: it is drawn or descends from those that are kept, becomes
/// canonical, is left out if its graph was seen, becomes a graph, is encoded, and is kept if it is
/// among the best.  The score is the challenger logit: against any opponents, the win probability
/// (Eq. 5) grows with it.
///
/// One thread at a time may use a pool.
class CandidatePool {
 public:
  /// Which of N canonical rows are allowed.
  /// \param allowed [N], all 1 at first, to be overwritten
  using Mask = std::function<void(Space::Rows rows, std::span<std::uint8_t> allowed)>;

  /// \param space and `encoder` must outlive the pool, and have equally many nodes
  /// \throws std::invalid_argument if they do not fit, or an option is out of range
  CandidatePool(const Space& space, const Encoder& encoder, const CandidatePoolOptions& options);
  ~CandidatePool();
  CandidatePool(CandidatePool&&) noexcept;
  CandidatePool& operator=(CandidatePool&&) noexcept;

  /// Never keeps architectures with these graphs.
  void exclude(Space::Rows rows, const Poll& poll);

  /// Sees those of given rows that keep the constraints of the space.  \return how many of their
  /// graphs were new
  std::size_t add(Space::Rows rows, const Mask& mask, const Poll& poll);

  /// Makes and sees `count` candidates.  \return how many of their graphs were new
  std::size_t grow(std::size_t count, const Mask& mask, const Poll& poll);

  /// Sees all that differ in one decision from one of the best `top`, until none of these improves.
  /// \return how many of their graphs were new
  std::size_t climb(std::size_t top, const Mask& mask, const Poll& poll);

  /// Scores what is kept once more: the encoder may have been refreshed.
  void rescore(const Poll& poll);

  [[nodiscard]] std::size_t width() const noexcept;           ///< T of the space
  [[nodiscard]] std::size_t size() const noexcept;            ///< K, kept so far
  [[nodiscard]] std::size_t seen() const noexcept;            ///< graphs seen or excluded
  [[nodiscard]] std::vector<std::int16_t> decisions() const;  ///< [K, T], best first
  [[nodiscard]] std::vector<float> scores() const;            ///< [K], falling

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ctnas
