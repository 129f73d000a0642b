#include <array>

#include "catch2.hpp"
#include "ctnas/error.hpp"
#include "fixtures.hpp"
#include "runtime/session.hpp"

namespace ctnas {

namespace {

using testing::kNodes;

constexpr std::int64_t kRows = 10;

Session open_ranker() {
  auto options = std::make_shared<const SessionOptions>(Runtime::load(), Provider::kCpu, "");
  return {std::move(options), testing::model_path("ranker.onnx")};
}

/// A batch with room for its scores, as tensors.
struct Batch {
  testing::Graphs graphs{kRows};
  std::array<std::array<float, kRows>, 2> scores{};

  [[nodiscard]] std::array<Tensor, 2> inputs() {
    constexpr auto kSide = static_cast<std::int64_t>(kNodes);
    return {Tensor{"adjacency",
                   ElementType::kUint8,
                   graphs.adjacency.data(),
                   graphs.adjacency.size(),
                   {kRows, kSide, kSide},
                   3},
            Tensor{"operations",
                   ElementType::kInt64,
                   graphs.operations.data(),
                   graphs.operations.size() * sizeof(std::int64_t),
                   {kRows, kSide},
                   2}};
  }
  [[nodiscard]] std::array<Tensor, 2> outputs() {
    return {score("challenger_logit", scores[0]), score("opponent_logit", scores[1])};
  }
  static Tensor score(const char* name, std::array<float, kRows>& values) {
    return {name, ElementType::kFloat32, values.data(), sizeof(values), {kRows}, 1};
  }
};

TEST_CASE("a session describes its model") {
  const Session session = open_ranker();
  REQUIRE(session.inputs().size() == 2);
  CHECK(session.inputs()[0].name == "adjacency");
  CHECK(session.inputs()[0].element == ElementType::kUint8);
  CHECK(session.inputs()[0].dimensions == std::vector<std::int64_t>{-1, kNodes, kNodes});
  REQUIRE(session.outputs().size() == 2);
  CHECK(session.outputs()[1].name == "opponent_logit");
  CHECK(session.metadata().at("ctnas.nodes") == "7");
}

TEST_CASE("a run writes to the memory that it is given") {
  const Session session = open_ranker();
  Batch batch;
  session.run(batch.inputs(), batch.outputs());
  CHECK(batch.scores[0] != std::array<float, kRows>{});
  CHECK(batch.scores[1] != std::array<float, kRows>{});
}

TEST_CASE("a run that fails says why") {
  const Session session = open_ranker();
  Batch batch;
  batch.graphs.operations[0] = 99;
  CHECK_THROWS_AS(session.run(batch.inputs(), batch.outputs()), ModelError);
  CHECK_THROWS_WITH(session.run(batch.inputs(), batch.outputs()), ContainsSubstring("idx=99"));
}

}  // namespace
}  // namespace ctnas
