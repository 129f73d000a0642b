#include <atomic>
#include <thread>

#include "catch2.hpp"
#include "ctnas/comparator.hpp"
#include "ctnas/encoder.hpp"
#include "fixtures.hpp"

namespace ctnas {
namespace {

using testing::Graphs;
using testing::model_bytes;
using testing::model_path;

std::vector<float> challenger_logits(const Encoder& encoder, const Graphs& graphs) {
  std::vector<float> challenger(graphs.operations.size() / testing::kNodes);
  std::vector<float> opponent(challenger.size());
  encoder.encode(graphs.batch(), challenger, opponent);
  return challenger;
}

TEST_CASE("threads that share an encoder see the old model or the new one, never a mixture",
          "[concurrency]") {
  const Graphs graphs(600);
  const bool is_known = GENERATE(false, true);
  const auto first = model_bytes(is_known ? "ranker_known.onnx" : "ranker.onnx");
  const auto second = model_bytes(is_known ? "ranker_known_fresh.onnx" : "ranker_fresh.onnx");
  Encoder encoder(Runtime::load(), first, {Provider::kCpu, 2, 50});
  CHECK((encoder.engine() != "onnxruntime") == (is_known && testing::kHasEngine));
  const auto with_first = challenger_logits(encoder, graphs);
  encoder.refresh(second);
  const auto with_second = challenger_logits(encoder, graphs);

  std::atomic<int> mixtures = 0;
  {
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < 4; ++caller) {
      callers.emplace_back([&] {
        for (int call = 0; call < 20; ++call) {
          const auto logits = challenger_logits(encoder, graphs);
          if (logits != with_first && logits != with_second) ++mixtures;
        }
      });
    }
    for (int refresh = 0; refresh < 20; ++refresh) {
      encoder.refresh(refresh % 2 == 0 ? first : second);
      static_cast<void>(encoder.metadata());
    }
  }
  CHECK(mixtures == 0);
}

TEST_CASE("threads that share a comparator get the same bits", "[concurrency]") {
  const Graphs graphs(600);
  const auto comparator = Comparator::load(model_path("ranker_named.onnx"), {Provider::kCpu, 2});
  const Ranking expected = comparator.rank(graphs.batch());
  const auto expected_pairs = comparator.compare(graphs.batch(), graphs.batch());

  std::atomic<int> differences = 0;
  {
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < 4; ++caller) {
      callers.emplace_back([&, caller] {
        for (int call = 0; call < 20; ++call) {
          if ((call + caller) % 2 == 0) {
            const Ranking ranking = comparator.rank(graphs.batch());
            if (ranking.indices != expected.indices) ++differences;
            if (ranking.win_probability != expected.win_probability) ++differences;
          } else if (comparator.compare(graphs.batch(), graphs.batch()) != expected_pairs) {
            ++differences;
          }
        }
      });
    }
  }
  CHECK(differences == 0);
}

TEST_CASE("threads may load comparators at the same time", "[concurrency]") {
  std::atomic<int> loaded = 0;
  {
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < 4; ++caller) {
      callers.emplace_back([&] {
        const auto comparator = Comparator::load(model_path("ranker_named.onnx"), {Provider::kCpu});
        if (comparator.nodes() == testing::kNodes) ++loaded;
      });
    }
  }
  CHECK(loaded == 4);
}

}  // namespace
}  // namespace ctnas
