#include "ctnas/comparator.hpp"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "catch2.hpp"
#include "ctnas/encoder.hpp"
#include "fixtures.hpp"

#ifndef _WIN32
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace ctnas {
namespace {

namespace fs = std::filesystem;

using testing::Graphs;
using testing::model_path;

Comparator load_named(std::size_t threads = 0) {
  return Comparator::load(model_path("ranker_named.onnx"), {Provider::kCpu, threads});
}

/// P(i better than j) for all pairs, from what the encoder says of each architecture.
std::vector<std::vector<double>> all_pairs(const Graphs& graphs) {
  const std::size_t rows = graphs.operations.size() / testing::kNodes;
  std::vector<float> challenger(rows);
  std::vector<float> opponent(rows);
  Encoder(Runtime::load(), model_path("ranker_named.onnx"), {Provider::kCpu, 1, 0})
      .encode(graphs.batch(), challenger, opponent);
  std::vector<std::vector<double>> probability(rows, std::vector<double>(rows));
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < rows; ++j) {
      const double logit = double{challenger[i]} + double{opponent[j]};
      probability[i][j] = 1.0 / (1.0 + std::exp(-logit));
    }
  }
  return probability;
}

TEST_CASE("a comparator says what it was made for") {
  const Comparator comparator = load_named(3);
  CHECK(comparator.space() == "made up");
  CHECK(comparator.nodes() == testing::kNodes);
  CHECK(comparator.vocabulary() ==
        std::vector<std::string>{"padding", "input", "output", "conv", "pool", "s\xc3\xbcm"});
  CHECK(comparator.metadata().at("ctnas.format") == "1");
  CHECK(comparator.provider() == Provider::kCpu);
  CHECK(comparator.provider_reason() == "the CPU was asked for");
  CHECK(comparator.threads() == 3);
  CHECK(comparator.runtime_version().starts_with("1."));
}

TEST_CASE("an architecture is compared as the two parts of its logits say") {
  const Graphs a(40, 1);
  const Graphs b(40, 2);
  Graphs both = a;
  both.adjacency.insert(both.adjacency.end(), b.adjacency.begin(), b.adjacency.end());
  both.operations.insert(both.operations.end(), b.operations.begin(), b.operations.end());
  const auto expected = all_pairs(both);
  const auto probability = load_named().compare(a.batch(), b.batch());
  REQUIRE(probability.size() == 40);
  for (std::size_t row = 0; row < 40; ++row) {
    CHECK(std::abs(probability[row] - expected[row][40 + row]) < 1e-12);
  }
}

TEST_CASE("the win probability is the mean over all others, or over given opponents") {
  constexpr std::size_t kRows = 150;
  const Graphs graphs(kRows);
  const auto pairs = all_pairs(graphs);
  const Comparator comparator = load_named();
  const auto won = comparator.win_probability(graphs.batch());
  const auto won_against = comparator.win_probability(graphs.batch(), graphs.batch());
  for (std::size_t i = 0; i < kRows; ++i) {
    double sum = 0.0;
    for (std::size_t j = 0; j < kRows; ++j) sum += pairs[i][j];
    CHECK(std::abs(won[i] - (sum - pairs[i][i]) / (kRows - 1)) < 1e-11);
    CHECK(std::abs(won_against[i] - sum / kRows) < 1e-11);
  }
}

TEST_CASE("a ranking is by win probability, the best first, of equals the first") {
  const Graphs half(60);
  Graphs graphs = half;
  graphs.adjacency.insert(graphs.adjacency.end(), half.adjacency.begin(), half.adjacency.end());
  graphs.operations.insert(graphs.operations.end(), half.operations.begin(), half.operations.end());
  const Comparator comparator = load_named();
  const auto won = comparator.win_probability(graphs.batch());
  const Ranking ranking = comparator.rank(graphs.batch());
  REQUIRE(ranking.indices.size() == 120);
  for (std::size_t place = 0; place < 120; ++place) {
    CHECK(ranking.win_probability[place] == won[static_cast<std::size_t>(ranking.indices[place])]);
    if (place == 0) continue;
    const bool is_better = ranking.win_probability[place - 1] > ranking.win_probability[place];
    const bool is_equal = ranking.win_probability[place - 1] == ranking.win_probability[place];
    CHECK((is_better || (is_equal && ranking.indices[place - 1] < ranking.indices[place])));
  }
  CHECK(comparator.rank(graphs.batch(), 5).indices ==
        std::vector<std::int64_t>(ranking.indices.begin(), ranking.indices.begin() + 5));
  CHECK(comparator.rank(graphs.batch(), 500).indices == ranking.indices);
  CHECK(comparator.rank(graphs.batch(), 0).indices.empty());
}

TEST_CASE("a directory with the models of two comparators is refused, its ranker alone is not") {
  CHECK_THROWS_AS(Comparator::load(model_path("mixed")), ModelError);
  CHECK_THROWS_WITH(Comparator::load(model_path("mixed")),
                    ContainsSubstring("comparator.onnx has hash of the comparator, "
                                      "ranker.onnx has hash of the ranker"));
  CHECK(Comparator::load(model_path("mixed/ranker.onnx")).space() == "made up");
}

TEST_CASE("a directory is loaded by the ranker in it") {
  const fs::path directory = fs::temp_directory_path() / ("ctnas_" + std::to_string(getpid()));
  fs::create_directory(directory);
  CHECK_THROWS_AS(Comparator::load(directory), FileError);
  fs::copy_file(model_path("ranker_named.onnx"), directory / "ranker.onnx");
  CHECK(Comparator::load(directory).space() == "made up");
  fs::remove_all(directory);
}

TEST_CASE("a file that is no comparator is refused by its name") {
  struct Case {
    const char* file;
    const char* reason;
  };
  for (const auto& [file, reason] :
       {Case{"ranker.onnx", "have no ctnas.space"},
        Case{"ranker_few_names.onnx", "name 5 operations and say that there are 6"},
        Case{"ranker_future.onnx", "newer ctnas"}, Case{"comparator.onnx", "other inputs"}}) {
    const std::string start = model_path(file).string() + ": ";
    CHECK_THROWS_AS(Comparator::load(model_path(file)), ModelError);
    CHECK_THROWS_WITH(Comparator::load(model_path(file)), ContainsSubstring(start));
    CHECK_THROWS_WITH(Comparator::load(model_path(file)), ContainsSubstring(reason));
  }
  CHECK_THROWS_AS(Comparator::load("/no/such/directory"), FileError);
}

TEST_CASE("arrays that are no architectures are refused, whatever their size") {
  const Comparator comparator = load_named();
  const Graphs graphs(3);
  const GraphBatch batch = graphs.batch();
  // Views of far more memory than there is: they must be refused before they are read.
  const GraphBatch huge_adjacency{{batch.adjacency.data(), std::size_t{49} << 31U},
                                  batch.operations};
  const GraphBatch wrapped{{batch.adjacency.data(), std::size_t{1} << 63U}, batch.operations};
  const GraphBatch ragged{batch.adjacency, batch.operations.first(20)};
  const GraphBatch uneven{batch.adjacency, batch.operations.first(14)};
  const GraphBatch huge{huge_adjacency.adjacency,
                        {batch.operations.data(), (std::size_t{7} << 31U) - 1}};
  for (const GraphBatch& wrong : {huge_adjacency, wrapped, ragged, uneven, huge}) {
    CHECK_THROWS_AS(comparator.rank(wrong), InvalidInput);
    CHECK_THROWS_AS(comparator.win_probability(batch, wrong), InvalidInput);
  }
  CHECK_THROWS_WITH(comparator.compare(batch, Graphs(2).batch()), ContainsSubstring("not 3 and 2"));
}

TEST_CASE("a win probability needs somebody to win against") {
  const Comparator comparator = load_named();
  CHECK_THROWS_WITH(comparator.rank({}), ContainsSubstring("at least 2 architectures"));
  CHECK_THROWS_WITH(comparator.rank(Graphs(1).batch()), ContainsSubstring("not 1"));
  CHECK_THROWS_WITH(comparator.win_probability(Graphs(1).batch(), {}),
                    ContainsSubstring("at least 1 opponent, not 0"));
  CHECK(comparator.compare({}, {}).empty());
  CHECK(comparator.win_probability({}, Graphs(1).batch()).empty());
}

TEST_CASE("the library that was asked for is the one that is loaded, or there is an error") {
  ComparatorOptions options{Provider::kCpu};
  options.onnxruntime = Runtime::load().path();
  CHECK(Comparator::load(model_path("ranker_named.onnx"), options).nodes() == testing::kNodes);
  options.onnxruntime = "/another/libonnxruntime.so";
  CHECK_THROWS_AS(Comparator::load(model_path("ranker_named.onnx"), options), ProviderError);
}

#ifndef _WIN32
TEST_CASE("a forked child goes on with its parent's comparator") {
  const Comparator comparator = load_named(2);
  const Graphs graphs(600);
  const Ranking expected = comparator.rank(graphs.batch());
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const Ranking again = comparator.rank(graphs.batch());
    const Ranking fresh = load_named(2).rank(graphs.batch());
    const bool is_same = again.indices == expected.indices && fresh.indices == expected.indices &&
                         again.win_probability == expected.win_probability;
    _exit(is_same ? 0 : 1);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
}
#endif

}  // namespace
}  // namespace ctnas
