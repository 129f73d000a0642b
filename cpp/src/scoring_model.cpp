#include "scoring_model.hpp"

#include <string>

#include "ctnas/error.hpp"
#include "open_session.hpp"
#include "parallel.hpp"
#include "row_scorer.hpp"

namespace ctnas {
namespace {

constexpr std::size_t kCpuChunk = 256;  // the activations of more rows leave the cache
constexpr std::size_t kCudaChunk = 8192;

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
    : signature_(signature),
      session_(open_session(
          runtime, options.provider, source,
          [&signature](const Session& session) { require_usable(session, signature); })),
      size_(read_size(*session_)),
      threads_(options.threads == 0 && runs_on_cuda(*session_) ? 1
                                                               : resolve_threads(options.threads)),
      chunk_(options.chunk) {
  if (chunk_ == 0) chunk_ = runs_on_cuda(*session_) ? kCudaChunk : kCpuChunk;
}

std::shared_ptr<const Session> ScoringModel::session() const {
  const std::scoped_lock lock(session_mutex_);
  return session_;
}

void ScoringModel::score(std::span<const std::span<const std::byte>> inputs,
                         std::span<const std::span<float>> scores, const Poll& poll) const {
  const auto current = session();
  const RowScorer scorer(*current, signature_, size_.nodes, inputs, scores);
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
  const std::scoped_lock lock(session_mutex_);
  session_.swap(fresh);
}

}  // namespace ctnas
