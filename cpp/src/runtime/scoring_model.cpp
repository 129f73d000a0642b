#include "runtime/scoring_model.hpp"

#include <string>
#include <utility>

#include "ctnas/error.hpp"
#include "engine/trusted_lanes.hpp"
#include "parallel.hpp"
#include "runtime/device_chunk.hpp"
#include "runtime/open_session.hpp"
#include "runtime/row_scorer.hpp"

namespace ctnas {
namespace {

constexpr std::size_t kCpuChunk = 256;  // the activations of more rows leave the cache

bool runs_on_cuda(const Session& session) {
  return session.options()->provider() == Provider::kCuda;
}

/// What a session must pass before it is used.  A first run is the only proof that CUDA works.
void require_usable(const Session& session, const Signature& signature) {
  const ComparatorSize size = read_size(session);
  require_signature(session, size.nodes, signature.inputs, signature.outputs);
  if (runs_on_cuda(session)) score_padding(session, signature, size.nodes);
}

}  // namespace

ScoringModel::ScoringModel(Runtime runtime, const ModelSource& source,
                           const ScoringOptions& options, const Signature& signature)
    : signature_(signature) {
  auto session =
      open_session(runtime, options.provider, source,
                   [&signature](const Session& opened) { require_usable(opened, signature); });
  const bool is_on_cuda = runs_on_cuda(*session);
  size_ = read_size(*session);
  threads_ = options.threads == 0 && is_on_cuda ? 1 : resolve_threads(options.threads);
  chunk_ = options.chunk;
  if (chunk_ == 0) chunk_ = is_on_cuda ? device_chunk(signature_, size_.nodes) : kCpuChunk;
  engine_ = make_engine(std::move(session));
}

std::shared_ptr<const ScoringModel::Engine> ScoringModel::make_engine(
    std::shared_ptr<const Session> session) const {
  const SessionOptions& options = *session->options();
  Engine engine{session, nullptr, options.reason()};
  if (options.provider() == Provider::kCuda) {
    try {
      engine.lanes = make_trusted_lanes(std::move(session), signature_, size_.nodes,
                                        open_cuda(options.runtime()), chunk_);
    } catch (const Error& error) {
      // Slower, and right: the runtime itself copies from and to the host at every run.
      engine.reason += std::string(", without buffers on the device: ") + error.what();
    }
  }
  return std::make_shared<const Engine>(std::move(engine));
}

std::shared_ptr<const ScoringModel::Engine> ScoringModel::engine() const {
  const std::scoped_lock lock(engine_mutex_);
  return engine_;
}

std::shared_ptr<const Session> ScoringModel::session() const { return engine()->session; }

std::string ScoringModel::provider_reason() const { return engine()->reason; }

void ScoringModel::score(std::span<const std::span<const std::byte>> inputs,
                         std::span<const std::span<float>> scores, const Poll& poll) const {
  const auto current = engine();
  const RowScorer scorer(*current->session, signature_, size_.nodes, inputs, scores,
                         current->lanes.get());
  parallel_blocks(scores.front().size(), chunk_, threads_, poll,
                  [&](std::size_t first, std::size_t last) { scorer.score(first, last); });
}

void ScoringModel::refresh(std::span<const std::byte> model) {
  auto fresh = std::make_shared<const Session>(session()->options(), model);
  const ComparatorSize size = read_size(*fresh);
  if (size != size_) {
    throw ModelError("cannot refresh: the new model is for graphs of " +
                     std::to_string(size.nodes) + " nodes and " +
                     std::to_string(size.vocabulary_size) + " operations, the one in use for " +
                     std::to_string(size_.nodes) + " and " + std::to_string(size_.vocabulary_size));
  }
  require_signature(*fresh, size.nodes, signature_.inputs, signature_.outputs);
  auto engine = make_engine(std::move(fresh));
  const std::scoped_lock lock(engine_mutex_);
  engine_.swap(engine);
}

}  // namespace ctnas
