#include "ctnas/candidate_pool.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>
#include <unordered_set>

#include "search/seen_graphs.hpp"
#include "spaces/random_bits.hpp"

namespace ctnas {
namespace {

constexpr std::size_t kBatch = 4096;  // candidates whose graphs stay in the cache

struct Kept {
  float score;
  std::uint64_t hash;
  std::vector<std::int16_t> row;

  /// Better first; of equals, in an order that depends on the graphs alone.
  bool operator<(const Kept& other) const {
    return score != other.score ? score > other.score : hash < other.hash;
  }
};

void check(const Space& space, const Encoder& encoder, const CandidatePoolOptions& options) {
  if (space.nodes() != encoder.nodes()) {
    throw std::invalid_argument("the space has graphs of " + std::to_string(space.nodes()) +
                                " nodes, the encoder of " + std::to_string(encoder.nodes()));
  }
  if (options.keep == 0) throw std::invalid_argument("keep is 0: needed 1 or more");
  const bool are_shares = options.immigrants >= 0.0 && options.crossovers >= 0.0 &&
                          options.immigrants + options.crossovers <= 1.0;
  if (!are_shares) throw std::invalid_argument("immigrants and crossovers are no shares of 1");
}

}  // namespace

struct CandidatePool::State {
  State(const Space& of, const Encoder& by, const CandidatePoolOptions& chosen)
      : space(of), encoder(by), options(chosen), width(of.decisions()) {}

  const Space& space;
  const Encoder& encoder;
  CandidatePoolOptions options;
  std::size_t width;
  std::uint64_t batches = 0;
  SeenGraphs seen;
  std::unordered_set<std::uint64_t> climbed;
  std::vector<Kept> kept;  // best first
  std::vector<std::int16_t> rows;
  std::vector<std::int16_t> first_parents;
  std::vector<std::int16_t> second_parents;
  std::vector<std::uint64_t> hashes;
  std::vector<std::uint8_t> allowed;
  std::vector<std::size_t> fresh;
  std::vector<std::uint8_t> adjacency;
  std::vector<std::int64_t> operations;
  std::vector<float> challenger;
  std::vector<float> opponent;

  [[nodiscard]] std::span<std::int16_t> part(std::vector<std::int16_t>& of, std::size_t first,
                                             std::size_t count) const {
    return std::span(of).subspan(first * width, count * width);
  }

  /// Fills `rows` with candidates: immigrants, children of two, mutants.
  void make_candidates(std::size_t count, const Poll& poll) {
    const std::uint64_t seed = mix_bits(options.seed) + 4 * batches++;
    rows.resize(count * width);
    const auto share = [&](double of) {
      return static_cast<std::size_t>(of * static_cast<double>(count));
    };
    const std::size_t drawn = kept.empty() ? count : share(options.immigrants);
    const std::size_t children = kept.empty() ? 0 : share(options.crossovers);
    const std::size_t mutants = count - drawn - children;
    space.sample(seed, part(rows, 0, drawn), options.threads, poll);
    pick_parents(seed + 1, children + mutants, first_parents);
    pick_parents(seed + 2, children, second_parents);
    space.crossovers(part(first_parents, 0, children), second_parents, seed + 3,
                     part(rows, drawn, children), options.threads, poll);
    space.mutants(part(first_parents, children, mutants), seed + 3,
                  part(rows, drawn + children, mutants), options.threads, poll);
  }

  /// Picks among the kept, the better more often: the share u of all picks falls on u^2 of them.
  void pick_parents(std::uint64_t seed, std::size_t count, std::vector<std::int16_t>& parents) {
    parents.resize(count * width);
    for (std::size_t row = 0; row < count; ++row) {
      RandomBits random(seed, row);
      const auto bound = static_cast<std::uint32_t>(kept.size());
      const std::uint64_t both = std::uint64_t{random.below(bound)} * (random.below(bound) + 1U);
      const auto& parent = kept[static_cast<std::size_t>(both / bound)].row;
      std::copy(parent.begin(), parent.end(),
                parents.begin() + static_cast<std::ptrdiff_t>(row * width));
    }
  }

  /// Sees the candidates in `rows`, which are canonical.
  std::size_t see(const Mask& mask, const Poll& poll) {
    const std::size_t count = rows.size() / width;
    const std::size_t nodes = space.nodes();
    hashes.resize(count);
    adjacency.resize(count * nodes * nodes);
    operations.resize(count * nodes);
    space.graphs_and_hashes(rows, adjacency, operations, hashes, options.threads, poll);
    find_fresh(mask);
    const std::size_t found = fresh.size();
    compact(nodes);
    challenger.resize(found);
    opponent.resize(found);
    const std::span edges(adjacency);
    const std::span ids(operations);
    encoder.encode({edges.first(found * nodes * nodes), ids.first(found * nodes)}, challenger,
                   opponent, poll);
    keep_best();
    return found;
  }

  /// Lists the candidates that are allowed and whose graphs are new.
  void find_fresh(const Mask& mask) {
    fresh.clear();
    for (std::size_t row = 0; row < hashes.size(); ++row) {
      if (seen.insert(hashes[row])) fresh.push_back(row);
    }
    if (!mask) return;
    allowed.assign(hashes.size(), 1);
    mask(rows, allowed);
    std::erase_if(fresh, [&](std::size_t row) { return allowed[row] == 0; });
  }

  /// Moves the graphs of fresh candidates to the front.
  void compact(std::size_t nodes) {
    for (std::size_t to = 0; to < fresh.size(); ++to) {
      const std::size_t from = fresh[to];
      if (from == to) continue;
      std::copy_n(adjacency.begin() + static_cast<std::ptrdiff_t>(from * nodes * nodes),
                  nodes * nodes,
                  adjacency.begin() + static_cast<std::ptrdiff_t>(to * nodes * nodes));
      std::copy_n(operations.begin() + static_cast<std::ptrdiff_t>(from * nodes), nodes,
                  operations.begin() + static_cast<std::ptrdiff_t>(to * nodes));
    }
  }

  void keep_best() {
    const float least =
        kept.size() < options.keep ? -std::numeric_limits<float>::infinity() : kept.back().score;
    const std::size_t before = kept.size();
    for (std::size_t at = 0; at < fresh.size(); ++at) {
      if (challenger[at] < least) continue;
      const auto row = part(rows, fresh[at], 1);
      kept.push_back({challenger[at], hashes[fresh[at]], {row.begin(), row.end()}});
    }
    if (kept.size() != before) sort_and_cut();
  }

  void sort_and_cut() {
    std::sort(kept.begin(), kept.end());
    if (kept.size() > options.keep) kept.resize(options.keep);
  }

  /// Leaves out rows that break a constraint of the space.
  void drop_forbidden(const Poll& poll) {
    if (!space.is_constrained()) return;
    allowed.resize(rows.size() / width);
    space.allowed(rows, allowed, options.threads, poll);
    std::size_t kept_rows = 0;
    for (std::size_t row = 0; row < allowed.size(); ++row) {
      if (allowed[row] == 0) continue;
      std::copy_n(rows.begin() + static_cast<std::ptrdiff_t>(row * width), width,
                  rows.begin() + static_cast<std::ptrdiff_t>(kept_rows++ * width));
    }
    rows.resize(kept_rows * width);
  }

  /// Fills `rows` with all that differ from a row in one decision that matters.
  void make_neighbors(const std::vector<std::int16_t>& row, const Poll& poll) {
    rows.clear();
    std::vector<std::uint8_t> active(width);
    space.activity(row, active, 1, poll);
    const std::vector<std::int16_t> choices = space.choices();
    for (std::size_t t = 0; t < width; ++t) {
      for (std::int16_t choice = 0; active[t] != 0 && choice < choices[t]; ++choice) {
        if (choice == row[t]) continue;
        rows.insert(rows.end(), row.begin(), row.end());
        rows[rows.size() - width + t] = choice;
      }
    }
    const std::vector<std::int16_t> changed = rows;
    space.canonical(changed, rows, options.threads, poll);
    drop_forbidden(poll);
  }

  /// The best of the first `top` whose neighbors were not seen, or nothing.
  const Kept* next_to_climb(std::size_t top) {
    for (std::size_t place = 0; place < std::min(top, kept.size()); ++place) {
      if (climbed.insert(kept[place].hash).second) return &kept[place];
    }
    return nullptr;
  }
};

CandidatePool::CandidatePool(const Space& space, const Encoder& encoder,
                             const CandidatePoolOptions& options) {
  check(space, encoder, options);
  state_ = std::make_unique<State>(space, encoder, options);
}
CandidatePool::~CandidatePool() = default;
CandidatePool::CandidatePool(CandidatePool&&) noexcept = default;
CandidatePool& CandidatePool::operator=(CandidatePool&&) noexcept = default;

void CandidatePool::exclude(Space::Rows rows, const Poll& poll) {
  std::vector<std::uint64_t> hashes(rows.size() / state_->width);
  state_->space.hashes(rows, hashes, state_->options.threads, poll);
  for (const std::uint64_t hash : hashes) state_->seen.insert(hash);
  const std::unordered_set<std::uint64_t> excluded(hashes.begin(), hashes.end());
  std::erase_if(state_->kept, [&](const Kept& one) { return excluded.contains(one.hash); });
}

std::size_t CandidatePool::add(Space::Rows rows, const Mask& mask, const Poll& poll) {
  state_->space.require_valid(rows);
  std::size_t found = 0;
  for (std::size_t first = 0; first < rows.size(); first += kBatch * state_->width) {
    const auto part = rows.subspan(first, std::min(kBatch * state_->width, rows.size() - first));
    state_->rows.resize(part.size());
    state_->space.canonical(part, state_->rows, state_->options.threads, poll);
    state_->drop_forbidden(poll);
    found += state_->see(mask, poll);
  }
  return found;
}

std::size_t CandidatePool::grow(std::size_t count, const Mask& mask, const Poll& poll) {
  std::size_t found = 0;
  for (std::size_t made = 0; made < count; made += kBatch) {
    state_->make_candidates(std::min(kBatch, count - made), poll);
    found += state_->see(mask, poll);
  }
  return found;
}

std::size_t CandidatePool::climb(std::size_t top, const Mask& mask, const Poll& poll) {
  std::size_t found = 0;
  while (const Kept* next = state_->next_to_climb(top)) {
    state_->make_neighbors(std::vector(next->row), poll);
    found += state_->see(mask, poll);
  }
  return found;
}

void CandidatePool::rescore(const Poll& poll) {
  if (state_->kept.empty()) return;
  const std::vector<std::int16_t> rows = decisions();
  const std::size_t nodes = state_->space.nodes();
  const std::size_t count = size();
  state_->adjacency.resize(count * nodes * nodes);
  state_->operations.resize(count * nodes);
  state_->challenger.resize(count);
  state_->opponent.resize(count);
  state_->space.graphs(rows, state_->adjacency, state_->operations, state_->options.threads, poll);
  state_->encoder.encode({state_->adjacency, state_->operations}, state_->challenger,
                         state_->opponent, poll);
  for (std::size_t at = 0; at < count; ++at) state_->kept[at].score = state_->challenger[at];
  state_->sort_and_cut();
  state_->climbed.clear();
}

std::size_t CandidatePool::width() const noexcept { return state_->width; }
std::size_t CandidatePool::size() const noexcept { return state_->kept.size(); }
std::size_t CandidatePool::seen() const noexcept { return state_->seen.size(); }

std::vector<std::int16_t> CandidatePool::decisions() const {
  std::vector<std::int16_t> rows;
  rows.reserve(size() * state_->width);
  for (const Kept& one : state_->kept) rows.insert(rows.end(), one.row.begin(), one.row.end());
  return rows;
}

std::vector<float> CandidatePool::scores() const {
  std::vector<float> scores;
  for (const Kept& one : state_->kept) scores.push_back(one.score);
  return scores;
}

}  // namespace ctnas
