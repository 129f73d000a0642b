#include "parallel.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace ctnas {
namespace {

using Clock = std::chrono::steady_clock;

/// The items of one call and how far they are.
class Queue {
 public:
  Queue(std::size_t items, const std::function<void(std::size_t)>& work)
      : items_(items), work_(work) {}

  /// Works until no item is left, with a call of `between` after each.
  template <typename Between>
  void work_off(const Between& between) noexcept {
    while (!stopped_.load(std::memory_order_relaxed)) {
      const std::size_t item = next_.fetch_add(1, std::memory_order_relaxed);
      if (item >= items_) return;
      try {
        work_(item);
        between();
      } catch (...) {
        fail(item);
      }
    }
  }

  /// No further item begins.
  void stop() noexcept { stopped_.store(true, std::memory_order_relaxed); }

  void rethrow_failure() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  // Items begin in order: every item below a failed one has begun, and is waited for.
  void fail(std::size_t item) noexcept {
    const std::scoped_lock lock(mutex_);
    stopped_.store(true, std::memory_order_relaxed);
    if (failure_ && failed_item_ < item) return;
    failure_ = std::current_exception();
    failed_item_ = item;
  }

  const std::size_t items_;
  const std::function<void(std::size_t)>& work_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  std::exception_ptr failure_;
  std::size_t failed_item_ = 0;
};

constexpr std::chrono::milliseconds kBetweenPolls{50};

/// Calls a poll at most every 50 ms: it may have to wait for a lock.
class Heartbeat {
 public:
  explicit Heartbeat(const Poll& poll) : poll_(poll) {}

  void operator()() {
    if (!poll_) return;
    const Clock::time_point now = Clock::now();
    if (now - last_ < kBetweenPolls) return;
    poll_();
    last_ = Clock::now();
  }

 private:
  const Poll& poll_;
  Clock::time_point last_ = Clock::now();
};

/// Lets a thread wait until all others have finished.
class Latch {
 public:
  explicit Latch(std::size_t count) : left_(count) {}

  void count_down() noexcept {
    const std::scoped_lock lock(mutex_);
    if (--left_ == 0) all_done_.notify_all();
  }

  /// Returns whether all have finished, after a while at the latest.
  [[nodiscard]] bool wait(std::chrono::milliseconds most) {
    std::unique_lock lock(mutex_);
    return all_done_.wait_for(lock, most, [this] { return left_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable all_done_;
  std::size_t left_;
};

/// Threads that work beside the calling one; less than asked for if no more are to be had.
std::vector<std::thread> start_helpers(Queue& queue, std::size_t threads) {
  std::vector<std::thread> helpers;
  helpers.reserve(threads);
  try {
    while (helpers.size() + 1 < threads) {
      helpers.emplace_back([&queue] { queue.work_off([] {}); });
    }
  } catch (const std::exception&) {
    // Those that run do the work.
  }
  return helpers;
}

}  // namespace

std::size_t resolve_threads(std::size_t threads) noexcept {
  constexpr std::size_t kMost = 256;
  const std::size_t cores = std::max<std::size_t>(1, std::thread::hardware_concurrency());
  return std::min(threads != 0 ? threads : cores, kMost);
}

void parallel_for(std::size_t items, std::size_t threads, const Poll& poll,
                  const std::function<void(std::size_t)>& work) {
  Queue queue(items, work);
  std::vector<std::thread> helpers = start_helpers(queue, std::min(threads, items));
  Heartbeat heartbeat(poll);
  queue.work_off([&heartbeat] { heartbeat(); });
  for (std::thread& helper : helpers) helper.join();
  queue.rethrow_failure();
}

void watched_for(std::size_t items, std::size_t threads, const Poll& poll,
                 const std::function<void(std::size_t)>& work) {
  const std::size_t count = std::min(threads, items);
  if (!poll || count == 0) return parallel_for(items, threads, poll, work);
  Queue queue(items, work);
  Latch latch(count);
  std::exception_ptr interruption;
  std::vector<std::thread> workers;
  workers.reserve(count);
  for (std::size_t worker = 0; worker < count; ++worker) {
    workers.emplace_back([&] {
      queue.work_off([] {});
      latch.count_down();
    });
  }
  while (!latch.wait(kBetweenPolls)) {
    if (interruption) continue;
    try {
      poll();
    } catch (...) {
      interruption = std::current_exception();
      queue.stop();
    }
  }
  for (std::thread& worker : workers) worker.join();
  if (interruption) std::rethrow_exception(interruption);
  queue.rethrow_failure();
}

}  // namespace ctnas
