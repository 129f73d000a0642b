#include <algorithm>
#include <cmath>
#include <span>
#include <string_view>

#include "catch2.hpp"
#include "ctnas/encoder.hpp"
#include "ctnas/error.hpp"
#include "ctnas/pair_session.hpp"
#include "fixtures.hpp"

namespace ctnas {
namespace {

using testing::Graphs;
using testing::kNodes;
using testing::model_bytes;
using testing::model_path;

const ScoringOptions kOnCpu{Provider::kCpu, 1, 0};

struct Encoded {
  explicit Encoded(std::size_t rows) : challenger_logit(rows), opponent_logit(rows) {}
  bool operator==(const Encoded&) const = default;

  std::vector<float> challenger_logit;
  std::vector<float> opponent_logit;
};

Encoded encode(const Encoder& encoder, const GraphBatch& batch) {
  Encoded result(batch.operations.size() / kNodes);
  encoder.encode(batch, result.challenger_logit, result.opponent_logit);
  return result;
}

TEST_CASE("an encoder knows its model") {
  const Encoder encoder(Runtime::load(), model_path("ranker.onnx"), kOnCpu);
  CHECK(encoder.nodes() == kNodes);
  CHECK(encoder.vocabulary_size() == testing::kVocabularySize);
  CHECK(encoder.provider() == Provider::kCpu);
  CHECK(encoder.metadata().at("ctnas.format") == "1");
}

TEST_CASE("a model from memory encodes as the same model from a file") {
  const Graphs graphs(10);
  const auto bytes = model_bytes("ranker.onnx");
  CHECK(encode(Encoder(Runtime::load(), bytes, kOnCpu), graphs.batch()) ==
        encode(Encoder(Runtime::load(), model_path("ranker.onnx"), kOnCpu), graphs.batch()));
}

TEST_CASE("logits are the same bits for any threads and chunk", "[concurrency]") {
  const Graphs graphs(1000);
  const auto bytes = model_bytes(GENERATE("ranker.onnx", "ranker_known.onnx"));
  const Encoded expected = encode(Encoder(Runtime::load(), bytes, kOnCpu), graphs.batch());
  const std::size_t threads = GENERATE(as<std::size_t>{}, 1, 2, 5);
  const std::size_t chunk = GENERATE(as<std::size_t>{}, 1, 7, 256, 5000);
  const Encoder encoder(Runtime::load(), bytes, {Provider::kCpu, threads, chunk});
  CHECK(encode(encoder, graphs.batch()) == expected);
}

TEST_CASE("own loops encode as the runtime does") {
  const Graphs graphs(1000);
  std::vector<std::byte> bytes = model_bytes("ranker_known.onnx");
  const Encoder own(Runtime::load(), bytes, kOnCpu);
  // Without this entry nobody knows what kind of encoder the model is.
  const std::span entry = std::as_bytes(std::span(std::string_view("ctnas.encoder")));
  const auto found = std::search(bytes.begin(), bytes.end(), entry.begin(), entry.end());
  REQUIRE(found != bytes.end());
  *found = std::byte{'x'};
  const Encoder plain(Runtime::load(), bytes, kOnCpu);
  REQUIRE((own.engine() != "onnxruntime") == testing::kHasEngine);
  REQUIRE(plain.engine() == "onnxruntime");
  const Encoded expected = encode(plain, graphs.batch());
  const Encoded computed = encode(own, graphs.batch());
  for (std::size_t row = 0; row < 1000; ++row) {
    CHECK(std::abs(computed.challenger_logit[row] - expected.challenger_logit[row]) < 1e-5F);
    CHECK(std::abs(computed.opponent_logit[row] - expected.opponent_logit[row]) < 1e-5F);
  }
}

TEST_CASE("logits of two architectures give the probability of their pair") {
  const Graphs a(50, 1);
  const Graphs b(50, 2);
  const Encoder encoder(Runtime::load(), model_path("ranker.onnx"), kOnCpu);
  const PairSession pairs(Runtime::load(), model_path("comparator.onnx"), kOnCpu);
  const Encoded encoded_a = encode(encoder, a.batch());
  const Encoded encoded_b = encode(encoder, b.batch());
  std::vector<float> probability(50);
  pairs.compare(a.batch(), b.batch(), probability);
  for (std::size_t i = 0; i < probability.size(); ++i) {
    const double logit = encoded_a.challenger_logit[i] + encoded_b.opponent_logit[i];
    CHECK(std::abs(probability[i] - 1.0 / (1.0 + std::exp(-logit))) < 1e-6);
  }
}

TEST_CASE("no architectures are no error") {
  const Encoder encoder(Runtime::load(), model_path("ranker.onnx"), kOnCpu);
  CHECK(encode(encoder, {}).challenger_logit.empty());
}

TEST_CASE("an architecture outside the space is named before anything runs") {
  const Encoder encoder(Runtime::load(), model_path("ranker.onnx"), kOnCpu);
  Graphs graphs(300);
  std::string expected;
  SECTION("an edge that is neither 0 nor 1") {
    graphs.adjacency[280 * kNodes * kNodes + 1] = 2;
    expected = "adjacency[280, 0, 1] is 2: needed 0 or 1";
  }
  SECTION("an edge back") {
    graphs.adjacency[280 * kNodes * kNodes + 2 * kNodes + 2] = 1;
    expected = "adjacency[280, 2, 2] is 1: needed 0, an edge leads from a lower to a higher node";
  }
  SECTION("an operation beyond the vocabulary") {
    graphs.operations[280 * kNodes + 3] = 6;
    expected = "operations[280, 3] is 6: needed 0 to 5";
  }
  SECTION("a negative operation") {
    graphs.operations[280 * kNodes + 3] = -1;
    expected = "operations[280, 3] is -1: needed 0 to 5";
  }
  CHECK_THROWS_WITH(encode(encoder, graphs.batch()), expected);
  CHECK_THROWS_AS(encode(encoder, graphs.batch()), InvalidInput);
}

TEST_CASE("a batch whose arrays do not fit is refused") {
  const Encoder encoder(Runtime::load(), model_path("ranker.onnx"), kOnCpu);
  Graphs graphs(3);
  graphs.adjacency.pop_back();
  CHECK_THROWS_AS(encode(encoder, graphs.batch()), InvalidInput);
}

TEST_CASE("models that are not ours are refused with the reason") {
  const Runtime runtime = Runtime::load();
  CHECK_THROWS_WITH(Encoder(runtime, model_path("ranker_future.onnx"), kOnCpu),
                    ContainsSubstring("ctnas.format 2, made by a newer ctnas"));
  CHECK_THROWS_WITH(Encoder(runtime, model_path("comparator.onnx"), kOnCpu),
                    ContainsSubstring("needed adjacency uint8 [N, 7, 7], operations int64 [N, 7]"));
  CHECK_THROWS_AS(Encoder(runtime, model_path("missing.onnx"), kOnCpu), FileError);
  CHECK_THROWS_AS(Encoder(runtime, std::vector<std::byte>(100), kOnCpu), ModelError);
}

TEST_CASE("a logit that is not finite is reported with its row") {
  const Encoder encoder(Runtime::load(), model_path("ranker_nan.onnx"), kOnCpu);
  CHECK_THROWS_WITH(encode(encoder, Graphs(2).batch()), ContainsSubstring("challenger_logit[0]"));
}

TEST_CASE("a refreshed encoder gives what a new one would") {
  const Graphs graphs(20);
  Encoder encoder(Runtime::load(), model_path("ranker.onnx"), kOnCpu);
  const Encoded before = encode(encoder, graphs.batch());
  encoder.refresh(model_bytes("ranker_fresh.onnx"));
  const Encoder fresh(Runtime::load(), model_path("ranker_fresh.onnx"), kOnCpu);
  CHECK(encode(encoder, graphs.batch()) == encode(fresh, graphs.batch()));
  CHECK(encode(encoder, graphs.batch()) != before);
}

TEST_CASE("a refresh that fails leaves the old model in use") {
  const Graphs graphs(20);
  Encoder encoder(Runtime::load(), model_path("ranker.onnx"), kOnCpu);
  const Encoded before = encode(encoder, graphs.batch());
  CHECK_THROWS_WITH(encoder.refresh(model_bytes("ranker_small.onnx")),
                    ContainsSubstring("graphs of 5 nodes"));
  CHECK_THROWS_AS(encoder.refresh(model_bytes("comparator.onnx")), ModelError);
  CHECK_THROWS_AS(encoder.refresh({}), ModelError);
  CHECK(encode(encoder, graphs.batch()) == before);
}

}  // namespace
}  // namespace ctnas
