#include "ctnas/encoder.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "engine/trusted_network.hpp"
#include "parallel.hpp"
#include "runtime/row_scorer.hpp"
#include "runtime/scoring_model.hpp"
#include "spaces/graph_check.hpp"

namespace ctnas {
namespace {

constexpr std::array<NamedRole, 2> kInputs{{
    {"adjacency", Role::kAdjacency},
    {"operations", Role::kOperations},
}};
constexpr std::array<NamedRole, 2> kOutputs{{
    {"challenger_logit", Role::kScore},
    {"opponent_logit", Role::kScore},
}};
constexpr Signature kSignature{kInputs, kOutputs};

constexpr std::size_t kLeastShare = 256;  // below, a thread takes longer to start than to work

constexpr std::size_t divide_up(std::size_t number, std::size_t by) {
  return (number + by - 1) / by;
}

}  // namespace

struct Encoder::State {
  State(Runtime runtime, const ModelSource& source, const ScoringOptions& options)
      : model(runtime, source, options, kSignature),
        check(model.size(), ""),
        chunk(options.chunk),
        network(read_trusted_network(*model.session(), source, kSignature)) {}

  [[nodiscard]] std::shared_ptr<const GraphNetwork> current_network() const {
    const std::scoped_lock lock(network_mutex);
    return network;
  }

  void encode(const GraphNetwork& current, const GraphBatch& batch, EncodedLogits logits,
              const Poll& poll) const {
    const std::size_t rows = logits.challenger.size();
    parallel_blocks(rows, block_of(current, rows), model.threads(), poll,
                    [&](std::size_t first, std::size_t last) {
                      current.encode(batch, first, last, logits);
                      require_finite_scores(kOutputs[0].name, logits.challenger, first, last);
                      require_finite_scores(kOutputs[1].name, logits.opponent, first, last);
                    });
  }

  /// Rows for a thread to take: as many as go together well, in blocks that all threads share
  /// evenly, but for so few that a thread would take longer to start than to work.
  [[nodiscard]] std::size_t block_of(const GraphNetwork& current, std::size_t rows) const {
    if (chunk != 0) return chunk;
    const std::size_t share = divide_up(rows, model.threads());
    const std::size_t blocks = divide_up(share, current.block());
    return std::max(divide_up(share, std::max<std::size_t>(blocks, 1)),
                    std::min(kLeastShare, current.block()));
  }

  ScoringModel model;
  GraphCheck check;
  std::size_t chunk;
  std::mutex refresh_mutex;
  mutable std::mutex network_mutex;
  std::shared_ptr<const GraphNetwork> network;  // nothing if the runtime has to encode
};

Encoder::Encoder(Runtime runtime, const std::filesystem::path& model, const ScoringOptions& options)
    : state_(std::make_unique<State>(runtime, model, options)) {}
Encoder::Encoder(Runtime runtime, std::span<const std::byte> model, const ScoringOptions& options)
    : state_(std::make_unique<State>(runtime, model, options)) {}
Encoder::~Encoder() = default;
Encoder::Encoder(Encoder&&) noexcept = default;
Encoder& Encoder::operator=(Encoder&&) noexcept = default;

std::size_t Encoder::nodes() const noexcept { return state_->model.size().nodes; }
std::int64_t Encoder::vocabulary_size() const noexcept {
  return state_->model.size().vocabulary_size;
}
std::size_t Encoder::threads() const noexcept { return state_->model.threads(); }
Provider Encoder::provider() const noexcept {
  return state_->model.session()->options()->provider();
}
std::string Encoder::provider_reason() const { return state_->model.provider_reason(); }
std::string Encoder::engine() const {
  const auto network = state_->current_network();
  return network ? network->kernels().name : "onnxruntime";
}
std::map<std::string, std::string> Encoder::metadata() const {
  return state_->model.session()->metadata();
}

void Encoder::encode(const GraphBatch& batch, std::span<float> challenger_logit,
                     std::span<float> opponent_logit, const Poll& poll) const {
  const std::size_t rows = challenger_logit.size();
  if (opponent_logit.size() != rows) {
    throw std::invalid_argument("the two outputs differ in length");
  }
  state_->check.require_valid(batch, rows, threads(), poll);
  if (const auto network = state_->current_network()) {
    state_->encode(*network, batch, {challenger_logit, opponent_logit}, poll);
    return;
  }
  const std::array inputs{std::as_bytes(batch.adjacency), std::as_bytes(batch.operations)};
  const std::array scores{challenger_logit, opponent_logit};
  state_->model.score(inputs, scores, poll);
}

void Encoder::refresh(std::span<const std::byte> model) {
  const std::scoped_lock lock(state_->refresh_mutex);
  state_->model.refresh(model);
  std::shared_ptr<const GraphNetwork> fresh =
      read_trusted_network(*state_->model.session(), model, kSignature);
  const std::scoped_lock network_lock(state_->network_mutex);
  state_->network.swap(fresh);
}

}  // namespace ctnas
