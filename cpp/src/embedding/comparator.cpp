#include "ctnas/comparator.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "ctnas/comparison.hpp"
#include "ctnas/encoder.hpp"
#include "ctnas/model_properties.hpp"
#include "ctnas/runtime.hpp"
#include "ctnas/selection.hpp"
#include "ctnas/win_probability.hpp"
#include "embedding/comparator_metadata.hpp"
#include "parallel.hpp"
#include "text/architecture_text.hpp"

namespace ctnas {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRankerFile = "ranker.onnx";
constexpr std::size_t kTexts = 256;  // for a thread to read at once

fs::path ranker_file(const fs::path& path) {
  std::error_code unreadable;
  return fs::is_directory(path, unreadable) ? path / kRankerFile : path;
}

/// Logits as the comparisons take them.
struct EncodedBatch {
  std::vector<double> challenger;  // [N]
  std::vector<double> opponent;    // [N]

  [[nodiscard]] Logits logits() const { return {challenger, opponent}; }
};

void require_some(std::size_t count, std::size_t needed, const char* whom) {
  if (count >= needed) return;
  throw InvalidInput("a win probability needs at least " + std::to_string(needed) + " " + whom +
                     ", not " + std::to_string(count));
}

}  // namespace

struct Comparator::State {
  Runtime runtime;
  Encoder encoder;
  std::map<std::string, std::string> metadata;
  ArchitectureText text;

  static State open(const fs::path& file, const ComparatorOptions& options) {
    const Runtime runtime = Runtime::load(options.onnxruntime);
    Encoder encoder(runtime, file, {options.provider, options.threads, 0});
    auto metadata = encoder.metadata();
    std::string space = read_space(metadata);
    auto vocabulary = read_vocabulary(metadata, encoder.vocabulary_size());
    ArchitectureText text(std::move(space), encoder.nodes(), std::move(vocabulary),
                          read_declared_space(metadata));
    return {runtime, std::move(encoder), std::move(metadata), std::move(text)};
  }

  /// N, looked at before anything of that size is allocated.
  /// \throws InvalidInput unless both arrays hold N whole graphs
  [[nodiscard]] std::size_t count(const GraphBatch& batch) const {
    const std::size_t nodes = encoder.nodes();
    const std::size_t rows = batch.operations.size() / nodes;
    const bool is_whole = batch.operations.size() % nodes == 0 &&
                          batch.adjacency.size() % nodes == 0 &&
                          batch.adjacency.size() / nodes == batch.operations.size();
    if (is_whole) return rows;
    throw InvalidInput("a batch has " + std::to_string(batch.adjacency.size()) +
                       " entries of adjacency and " + std::to_string(batch.operations.size()) +
                       " of operations: needed N x " + std::to_string(nodes) + " x " +
                       std::to_string(nodes) + " and N x " + std::to_string(nodes));
  }

  [[nodiscard]] EncodedBatch encode(const GraphBatch& batch) const {
    const std::size_t rows = count(batch);
    std::vector<float> challenger(rows);
    std::vector<float> opponent(rows);
    encoder.encode(batch, challenger, opponent);
    return {{challenger.begin(), challenger.end()}, {opponent.begin(), opponent.end()}};
  }
};

Comparator::Comparator(std::unique_ptr<const State> state) noexcept : state_(std::move(state)) {}
Comparator::~Comparator() = default;
Comparator::Comparator(Comparator&&) noexcept = default;
Comparator& Comparator::operator=(Comparator&&) noexcept = default;

Comparator Comparator::load(const fs::path& path, const ComparatorOptions& options) {
  const fs::path file = ranker_file(path);
  try {
    Comparator loaded(std::make_unique<const State>(State::open(file, options)));
    if (file != path) require_same_weights(path);
    return loaded;
  } catch (const ModelError& error) {
    // The session names the file only where it is no ONNX model at all.
    const std::string reason = error.what();
    if (reason.starts_with(path.string())) throw;
    throw ModelError(file.string() + ": " + reason);
  }
}

const std::string& Comparator::space() const noexcept { return state_->text.space(); }
std::size_t Comparator::nodes() const noexcept { return state_->encoder.nodes(); }
const std::vector<std::string>& Comparator::vocabulary() const noexcept {
  return state_->text.vocabulary();
}
const std::map<std::string, std::string>& Comparator::metadata() const noexcept {
  return state_->metadata;
}
Provider Comparator::provider() const noexcept { return state_->encoder.provider(); }
std::string Comparator::provider_reason() const { return state_->encoder.provider_reason(); }
std::string Comparator::runtime_version() const { return state_->runtime.version(); }
std::size_t Comparator::threads() const noexcept { return state_->encoder.threads(); }

void Comparator::parse(std::string_view text, ArchitectureGraphs& graphs) const {
  const ArchitectureGraphs one = state_->text.read(text);
  graphs.adjacency.reserve(graphs.adjacency.size() + one.adjacency.size());
  graphs.operations.insert(graphs.operations.end(), one.operations.begin(), one.operations.end());
  graphs.adjacency.insert(graphs.adjacency.end(), one.adjacency.begin(), one.adjacency.end());
}

ArchitectureGraphs Comparator::parse(std::span<const std::string> texts) const {
  const std::size_t nodes = state_->encoder.nodes();
  ArchitectureGraphs graphs{std::vector<std::uint8_t>(texts.size() * nodes * nodes),
                            std::vector<std::int64_t>(texts.size() * nodes)};
  const auto read = [&](std::size_t first, std::size_t last) {
    for (std::size_t at = first; at < last; ++at) {
      const auto place = static_cast<std::ptrdiff_t>(at * nodes);
      try {
        const ArchitectureGraphs one = state_->text.read(texts[at]);
        std::ranges::copy(one.operations, graphs.operations.begin() + place);
        std::ranges::copy(one.adjacency,
                          graphs.adjacency.begin() + place * static_cast<std::ptrdiff_t>(nodes));
      } catch (const InvalidInput& error) {
        throw InvalidInput("row " + std::to_string(at + 1) + ": " + error.what());
      }
    }
  };
  parallel_blocks(texts.size(), kTexts, threads(), {}, read);
  return graphs;
}

std::vector<double> Comparator::compare(const GraphBatch& a, const GraphBatch& b) const {
  const std::size_t count = state_->count(a);
  const std::size_t other = state_->count(b);
  if (count != other) {
    throw InvalidInput("compare needs as many architectures on both sides, not " +
                       std::to_string(count) + " and " + std::to_string(other));
  }
  const EncodedBatch challengers = state_->encode(a);
  const EncodedBatch opponents = state_->encode(b);
  std::vector<double> probability(count);
  ctnas::compare({challengers.challenger, opponents.opponent}, probability);
  return probability;
}

std::vector<double> Comparator::win_probability(const GraphBatch& architectures) const {
  require_some(state_->count(architectures), 2, "architectures to compare");
  const EncodedBatch encoded = state_->encode(architectures);
  std::vector<double> won(encoded.challenger.size());
  mean_win_probability(encoded.logits(), threads(), won);
  return won;
}

std::vector<double> Comparator::win_probability(const GraphBatch& architectures,
                                                const GraphBatch& opponents) const {
  require_some(state_->count(opponents), 1, "opponent");
  const EncodedBatch challengers = state_->encode(architectures);
  const EncodedBatch others = state_->encode(opponents);
  std::vector<double> won(challengers.challenger.size());
  mean_win_probability_against(challengers.challenger, others.opponent, threads(), won);
  return won;
}

Ranking Comparator::rank(const GraphBatch& architectures, std::optional<std::size_t> top) const {
  const std::vector<double> won = win_probability(architectures);
  Ranking ranking{best_first(won, std::min(top.value_or(won.size()), won.size())), {}};
  ranking.win_probability.reserve(ranking.indices.size());
  for (const std::int64_t index : ranking.indices) {
    ranking.win_probability.push_back(won[static_cast<std::size_t>(index)]);
  }
  return ranking;
}

}  // namespace ctnas
