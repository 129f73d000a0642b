#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "catch2.hpp"
#include "parallel.hpp"

namespace ctnas {
namespace {

TEST_CASE("every item is worked on once", "[concurrency]") {
  const std::size_t items = GENERATE(as<std::size_t>{}, 0, 1, 2, 1000);
  const std::size_t threads = GENERATE(as<std::size_t>{}, 1, 2, 8);
  std::vector<std::atomic<int>> visits(items);
  parallel_for(items, threads, {}, [&](std::size_t item) { ++visits[item]; });
  for (const auto& count : visits) CHECK(count == 1);
}

TEST_CASE("blocks cover a range without a gap") {
  std::vector<int> visits(1001);
  parallel_blocks(visits.size(), 10, 4, {}, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) ++visits[i];
  });
  CHECK(visits == std::vector<int>(1001, 1));
}

TEST_CASE("one item needs no thread of its own") {
  std::thread::id worker;
  parallel_for(1, 8, {}, [&](std::size_t) { worker = std::this_thread::get_id(); });
  CHECK(worker == std::this_thread::get_id());
}

TEST_CASE("of several failures the one of the lowest item is reported", "[concurrency]") {
  for (int repeat = 0; repeat < 100; ++repeat) {
    const auto fail = [](std::size_t item) {
      if (item >= 10) throw std::runtime_error(std::to_string(item));
    };
    CHECK_THROWS_WITH(parallel_for(100, 4, {}, fail), "10");
  }
}

TEST_CASE("a poll runs on the calling thread and may end the work", "[concurrency]") {
  std::atomic<int> done = 0;
  const auto caller = std::this_thread::get_id();
  const Poll poll = [caller] {
    if (std::this_thread::get_id() != caller) throw std::logic_error("wrong thread");
    throw std::runtime_error("stopped");
  };
  const auto work = [&](std::size_t) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ++done;
  };
  CHECK_THROWS_WITH(parallel_for(100'000, 2, poll, work), "stopped");
  CHECK(done < 10'000);
}

}  // namespace
}  // namespace ctnas
