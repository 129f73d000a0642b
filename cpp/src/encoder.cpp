#include "ctnas/encoder.hpp"

#include <array>
#include <stdexcept>
#include <utility>

#include "graph_check.hpp"
#include "scoring_model.hpp"

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

}  // namespace

struct Encoder::State {
  State(Runtime runtime, const ModelSource& source, const ScoringOptions& options)
      : model(runtime, source, options, kSignature), check(model.size(), "") {}

  ScoringModel model;
  GraphCheck check;
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
std::string Encoder::provider_reason() const {
  return state_->model.session()->options()->reason();
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
  const std::array inputs{std::as_bytes(batch.adjacency), std::as_bytes(batch.operations)};
  const std::array scores{challenger_logit, opponent_logit};
  state_->model.score(inputs, scores, poll);
}

void Encoder::refresh(std::span<const std::byte> model) { state_->model.refresh(model); }

}  // namespace ctnas
