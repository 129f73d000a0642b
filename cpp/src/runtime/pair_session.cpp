#include "ctnas/pair_session.hpp"

#include <array>

#include "runtime/scoring_model.hpp"
#include "spaces/graph_check.hpp"

namespace ctnas {
namespace {

constexpr std::array<NamedRole, 4> kInputs{{
    {"adjacency_a", Role::kAdjacency},
    {"operations_a", Role::kOperations},
    {"adjacency_b", Role::kAdjacency},
    {"operations_b", Role::kOperations},
}};
constexpr std::array<NamedRole, 1> kOutputs{{{"probability", Role::kScore}}};
constexpr Signature kSignature{kInputs, kOutputs};

}  // namespace

struct PairSession::State {
  State(Runtime runtime, const ModelSource& source, const ScoringOptions& options)
      : model(runtime, source, options, kSignature),
        check_a(model.size(), "_a"),
        check_b(model.size(), "_b") {}

  ScoringModel model;
  GraphCheck check_a;
  GraphCheck check_b;
};

PairSession::PairSession(Runtime runtime, const std::filesystem::path& model,
                         const ScoringOptions& options)
    : state_(std::make_unique<State>(runtime, model, options)) {}
PairSession::PairSession(Runtime runtime, std::span<const std::byte> model,
                         const ScoringOptions& options)
    : state_(std::make_unique<State>(runtime, model, options)) {}
PairSession::~PairSession() = default;
PairSession::PairSession(PairSession&&) noexcept = default;
PairSession& PairSession::operator=(PairSession&&) noexcept = default;

std::size_t PairSession::nodes() const noexcept { return state_->model.size().nodes; }
std::int64_t PairSession::vocabulary_size() const noexcept {
  return state_->model.size().vocabulary_size;
}
Provider PairSession::provider() const noexcept {
  return state_->model.session()->options()->provider();
}
std::string PairSession::provider_reason() const { return state_->model.provider_reason(); }
std::map<std::string, std::string> PairSession::metadata() const {
  return state_->model.session()->metadata();
}

void PairSession::compare(const GraphBatch& a, const GraphBatch& b, std::span<float> probability,
                          const Poll& poll) const {
  const ScoringModel& model = state_->model;
  const std::size_t rows = probability.size();
  state_->check_a.require_valid(a, rows, model.threads(), poll);
  state_->check_b.require_valid(b, rows, model.threads(), poll);
  const std::array inputs{std::as_bytes(a.adjacency), std::as_bytes(a.operations),
                          std::as_bytes(b.adjacency), std::as_bytes(b.operations)};
  const std::array scores{probability};
  model.score(inputs, scores, poll);
}

}  // namespace ctnas
