#include <array>
#include <atomic>
#include <cstring>
#include <limits>
#include <thread>

#include "catch2.hpp"
#include "ctnas/error.hpp"
#include "engine/trusted_lanes.hpp"
#include "fixtures.hpp"
#include "runtime/device_chunk.hpp"
#include "runtime/row_scorer.hpp"

namespace ctnas {
namespace {

using testing::Graphs;
using testing::kNodes;

constexpr std::array<NamedRole, 2> kInputs{
    {{"adjacency", Role::kAdjacency}, {"operations", Role::kOperations}}};
constexpr std::array<NamedRole, 2> kOutputs{
    {{"challenger_logit", Role::kScore}, {"opponent_logit", Role::kScore}}};
constexpr Signature kRanker{kInputs, kOutputs};

constexpr std::array<NamedRole, 4> kPairInputs{{{"adjacency_a", Role::kAdjacency},
                                                {"operations_a", Role::kOperations},
                                                {"adjacency_b", Role::kAdjacency},
                                                {"operations_b", Role::kOperations}}};
constexpr std::array<NamedRole, 1> kPairOutputs{{{"probability", Role::kScore}}};
constexpr Signature kPair{kPairInputs, kPairOutputs};

/// The CPU's memory, by way of the calls that serve a GPU.
Device host() {
  return make_device(Runtime::load(), "Cpu", [](void* to, const void* from, std::size_t bytes) {
    std::memcpy(to, from, bytes);
  });
}

std::shared_ptr<const Session> open(const char* model) {
  auto options = std::make_shared<const SessionOptions>(Runtime::load(), Provider::kCpu, "");
  return std::make_shared<const Session>(std::move(options), testing::model_path(model));
}

using Logits = std::array<std::vector<float>, 2>;
using Inputs = std::array<std::span<const std::byte>, 2>;
using Scores = std::array<std::span<float>, 2>;

Inputs inputs_of(const Graphs& graphs) {
  return {std::as_bytes(std::span(graphs.adjacency)), std::as_bytes(std::span(graphs.operations))};
}

std::size_t rows_of(const Graphs& graphs) { return graphs.operations.size() / kNodes; }

/// Logits of all graphs from runs of up to `chunk` rows.
Logits score(const Session& session, const Graphs& graphs, std::size_t chunk,
             const LanePool* lanes) {
  const std::size_t rows = rows_of(graphs);
  Logits logits{std::vector<float>(rows), std::vector<float>(rows)};
  const Inputs inputs = inputs_of(graphs);
  const Scores scores{logits[0], logits[1]};
  const RowScorer scorer(session, kRanker, kNodes, inputs, scores, lanes);
  for (std::size_t first = 0; first < rows; first += chunk) {
    scorer.score(first, std::min(first + chunk, rows));
  }
  return logits;
}

TEST_CASE("bound buffers score as memory that is passed, bit for bit") {
  const auto session = open("ranker.onnx");
  const std::size_t chunk = GENERATE(as<std::size_t>{}, 1, 2, 7, 64, 100, 1000);
  const LanePool lanes(session, kRanker, kNodes, host(), chunk);
  for (const std::size_t rows : {1, 2, 3, 64, 65, 257}) {
    const Graphs graphs(rows);
    CHECK(score(*session, graphs, chunk, &lanes) == score(*session, graphs, 256, nullptr));
  }
}

TEST_CASE("rows left over from a longer run do not show in a shorter one") {
  const auto session = open("ranker.onnx");
  const LanePool lanes(session, kRanker, kNodes, host(), 128);
  const Graphs many(128, 1);
  const Graphs few(5, 2);
  const Logits expected = score(*session, few, 256, nullptr);
  CHECK(score(*session, few, 128, &lanes) == expected);
  score(*session, many, 128, &lanes);
  CHECK(score(*session, few, 128, &lanes) == expected);
}

TEST_CASE("a run in a lane that fails says why and leaves the pool usable") {
  const auto session = open("ranker.onnx");
  const LanePool lanes(session, kRanker, kNodes, host(), 64);
  const Graphs good(40);
  Graphs bad(40);
  bad.operations[100] = 99;
  const Logits expected = score(*session, good, 64, nullptr);
  for (int time = 0; time < 3; ++time) {
    CHECK_THROWS_AS(score(*session, bad, 64, &lanes), ModelError);
    CHECK_THROWS_WITH(score(*session, bad, 64, &lanes), ContainsSubstring("idx=99"));
    CHECK(score(*session, good, 64, &lanes) == expected);
  }
}

TEST_CASE("a lane works as long as it lives, whoever else lets go of the session") {
  auto session = open("ranker.onnx");
  const Graphs graphs(10);
  const Logits expected = score(*session, graphs, 256, nullptr);
  BoundLane lane(session, kRanker, kNodes, std::make_shared<const Device>(host()), 10);
  session.reset();
  Logits logits{std::vector<float>(10), std::vector<float>(10)};
  const Scores scores{logits[0], logits[1]};
  lane.run(inputs_of(graphs), scores, 0, 10);
  CHECK(logits == expected);
}

TEST_CASE("threads that share lanes get the same bits", "[concurrency]") {
  const auto session = open("ranker.onnx");
  const Graphs graphs(600);
  const Logits expected = score(*session, graphs, 256, nullptr);
  const LanePool lanes(session, kRanker, kNodes, host(), 50);
  std::atomic<int> differences = 0;
  {
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < 4; ++caller) {
      callers.emplace_back([&] {
        for (int call = 0; call < 20; ++call) {
          if (score(*session, graphs, 50, &lanes) != expected) ++differences;
        }
      });
    }
  }
  CHECK(differences == 0);
}

TEST_CASE("lanes that score as a plain run does are trusted") {
  const std::size_t rows = GENERATE(as<std::size_t>{}, 1, 5, 16, 1000);
  CHECK(make_trusted_lanes(open("ranker.onnx"), kRanker, kNodes, host(), rows) != nullptr);
  CHECK(make_trusted_lanes(open("comparator.onnx"), kPair, kNodes, host(), rows) != nullptr);
}

TEST_CASE("a model that does not see what is written to its buffers is not trusted") {
  // As if an input had been copied when it was bound: what comes later does not arrive.
  const auto blind = [] {
    return make_device(Runtime::load(), "Cpu",
                       [copies = 0](void* to, const void* from, std::size_t bytes) mutable {
                         if (++copies != 4) std::memcpy(to, from, bytes);
                       });
  };
  CHECK_THROWS_AS(make_trusted_lanes(open("ranker.onnx"), kRanker, kNodes, blind(), 16),
                  ProviderError);
  CHECK_THROWS_WITH(make_trusted_lanes(open("ranker.onnx"), kRanker, kNodes, blind(), 16),
                    ContainsSubstring("challenger_logit from the buffers"));
}

TEST_CASE("memory of a device that the session does not have is an error") {
  const auto session = open("ranker.onnx");
  const LanePool lanes(session, kRanker, kNodes,
                       make_device(Runtime::load(), "Cuda", [](void*, const void*, std::size_t) {}),
                       16);
  CHECK_THROWS_WITH(score(*session, Graphs(4), 16, &lanes), ContainsSubstring("allocator"));
}

TEST_CASE("a failure for want of memory says what to do, others do not") {
  const char* arena = "Failed to allocate memory for requested buffer of size 4294967296";
  const char* cuda = "CUDA failure 2: out of memory ; GPU=0 ; expr=cudaMalloc((void**)&p, size);";
  CHECK_THAT(memory_hint(arena), ContainsSubstring("smaller chunk"));
  CHECK_THAT(memory_hint(cuda), ContainsSubstring("smaller chunk"));
  CHECK(memory_hint("CUDNN_STATUS_NOT_SUPPORTED").empty());
}

TEST_CASE("CUDA's runtime is looked for only where its provider is loaded") {
  CHECK_THROWS_AS(open_cuda(Runtime::load()), ProviderError);
}

TEST_CASE("a chunk for a GPU is large and fits its memory") {
  CHECK(device_chunk(kRanker, 7) == 32768);
  CHECK(device_chunk(kPair, 7) == 16384);
  CHECK(device_chunk(kRanker, 22) == 8192);
  CHECK(device_chunk(kRanker, 1) == 65536);
  CHECK(device_chunk(kRanker, 10'000) == 64);
}

}  // namespace
}  // namespace ctnas
