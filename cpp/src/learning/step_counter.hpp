#pragma once

#include <atomic>
#include <cstddef>
#include <stdexcept>

#include "ctnas/learning.hpp"
#include "ctnas/poll.hpp"

namespace ctnas {

/// A computation that was ended elsewhere.
class LearningEnded : public std::runtime_error {
 public:
  LearningEnded() : std::runtime_error("learning was ended") {}
};

/// Counts the steps of several threads for the one that waits for them.
class StepCounter {
 public:
  /// \throws LearningEnded if the waiting thread gave up
  void advance() {
    if (ended_.load(std::memory_order_relaxed)) throw LearningEnded();
    done_.fetch_add(1, std::memory_order_relaxed);
  }

  [[nodiscard]] std::size_t done() const { return done_.load(std::memory_order_relaxed); }

  /// What the waiting thread calls now and then.
  [[nodiscard]] Poll poll(const LearningProgress& progress) {
    if (!progress) return {};
    return [this, &progress] {
      try {
        progress(done_.load(std::memory_order_relaxed));
      } catch (...) {
        ended_.store(true, std::memory_order_relaxed);
        throw;
      }
    };
  }

 private:
  std::atomic<std::size_t> done_{0};
  std::atomic<bool> ended_{false};
};

}  // namespace ctnas
