#include "ctnas/space.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "parallel.hpp"
#include "spaces/space_state.hpp"

namespace ctnas {
namespace {

constexpr std::size_t kBlock = 1024;  // rows; fewer take less time than a thread takes to start

void require_size(std::size_t size, std::size_t needed) {
  if (size != needed) throw std::invalid_argument("an output does not fit the number of rows");
}

}  // namespace

Space::Space(const SpaceTables& tables) : state_(std::make_unique<State>(tables)) {}
Space::~Space() = default;
Space::Space(Space&&) noexcept = default;
Space& Space::operator=(Space&&) noexcept = default;

std::size_t Space::decisions() const noexcept { return state_->changes.decisions(); }
std::size_t Space::nodes() const noexcept { return state_->nodes; }

std::vector<std::int16_t> Space::choices() const { return state_->changes.choices(); }

void Space::require_valid(Rows rows) const {
  if (rows.size() % decisions() != 0) throw std::invalid_argument("rows of another length");
  for (std::size_t row = 0; row < rows.size() / decisions(); ++row) {
    state_->changes.require_valid(rows.data() + row * decisions(), row);
  }
}

void Space::activity(Rows rows, std::span<std::uint8_t> active, std::size_t threads,
                     const Poll& poll) const {
  require_valid(rows);
  require_size(active.size(), rows.size());
  const std::size_t width = decisions();
  parallel_blocks(rows.size() / width, kBlock, resolve_threads(threads), poll,
                  [&](std::size_t first, std::size_t last) {
                    for (std::size_t row = first; row < last; ++row) {
                      state_->changes.activity(rows.data() + row * width,
                                               active.data() + row * width);
                    }
                  });
}

void Space::canonical(Rows rows, std::span<std::int16_t> canonical, std::size_t threads,
                      const Poll& poll) const {
  require_valid(rows);
  require_size(canonical.size(), rows.size());
  std::copy(rows.begin(), rows.end(), canonical.begin());
  const std::size_t width = decisions();
  parallel_blocks(rows.size() / width, kBlock, resolve_threads(threads), poll,
                  [&](std::size_t first, std::size_t last) {
                    for (std::size_t row = first; row < last; ++row) {
                      state_->changes.make_canonical(canonical.data() + row * width);
                    }
                  });
}

void Space::graphs(Rows rows, std::span<std::uint8_t> adjacency, std::span<std::int64_t> operations,
                   std::size_t threads, const Poll& poll) const {
  graphs_and_hashes(rows, adjacency, operations, {}, threads, poll);
}

void Space::graphs_and_hashes(Rows rows, std::span<std::uint8_t> adjacency,
                              std::span<std::int64_t> operations, std::span<std::uint64_t> hashes,
                              std::size_t threads, const Poll& poll) const {
  require_valid(rows);
  const std::size_t count = rows.size() / decisions();
  require_size(adjacency.size(), count * nodes() * nodes());
  require_size(operations.size(), count * nodes());
  if (!hashes.empty()) require_size(hashes.size(), count);
  parallel_blocks(
      count, kBlock, resolve_threads(threads), poll, [&](std::size_t first, std::size_t last) {
        EdgeListGraph graph;
        for (std::size_t row = first; row < last; ++row) {
          state_->make_graph(rows.data() + row * decisions(), graph);
          if (!hashes.empty()) hashes[row] = state_->hash(graph);
          write_dense(graph, adjacency.subspan(row * nodes() * nodes(), nodes() * nodes()),
                      operations.subspan(row * nodes(), nodes()));
        }
      });
}

bool Space::is_constrained() const noexcept { return state_->constraints.are_any(); }

void Space::allowed(Rows rows, std::span<std::uint8_t> allowed, std::size_t threads,
                    const Poll& poll) const {
  require_valid(rows);
  const std::size_t count = rows.size() / decisions();
  require_size(allowed.size(), count);
  parallel_blocks(count, kBlock, resolve_threads(threads), poll,
                  [&](std::size_t first, std::size_t last) {
                    for (std::size_t row = first; row < last; ++row) {
                      allowed[row] = state_->is_allowed(rows.data() + row * decisions()) ? 1 : 0;
                    }
                  });
}

void Space::hashes(Rows rows, std::span<std::uint64_t> hashes, std::size_t threads,
                   const Poll& poll) const {
  require_valid(rows);
  const std::size_t count = rows.size() / decisions();
  require_size(hashes.size(), count);
  parallel_blocks(count, kBlock, resolve_threads(threads), poll,
                  [&](std::size_t first, std::size_t last) {
                    EdgeListGraph graph;
                    for (std::size_t row = first; row < last; ++row) {
                      state_->make_graph(rows.data() + row * decisions(), graph);
                      hashes[row] = state_->hash(graph);
                    }
                  });
}

void Space::mutants(Rows parents, std::uint64_t seed, std::span<std::int16_t> mutants,
                    std::size_t threads, const Poll& poll) const {
  require_valid(parents);
  require_size(mutants.size(), parents.size());
  const std::size_t width = decisions();
  parallel_blocks(parents.size() / width, kBlock, resolve_threads(threads), poll,
                  [&](std::size_t first, std::size_t last) {
                    for (std::size_t row = first; row < last; ++row) {
                      RandomBits random(seed, row);
                      state_->change(
                          parents.data() + row * width, mutants.data() + row * width,
                          [&](std::int16_t* changed) { state_->changes.mutate(changed, random); });
                    }
                  });
}

void Space::crossovers(Rows first_parents, Rows second_parents, std::uint64_t seed,
                       std::span<std::int16_t> children, std::size_t threads,
                       const Poll& poll) const {
  require_valid(first_parents);
  require_valid(second_parents);
  require_size(second_parents.size(), first_parents.size());
  require_size(children.size(), first_parents.size());
  const std::size_t width = decisions();
  parallel_blocks(children.size() / width, kBlock, resolve_threads(threads), poll,
                  [&](std::size_t first, std::size_t last) {
                    for (std::size_t row = first; row < last; ++row) {
                      RandomBits random(seed, row);
                      const std::int16_t* const second = second_parents.data() + row * width;
                      state_->change(first_parents.data() + row * width,
                                     children.data() + row * width, [&](std::int16_t* child) {
                                       for (std::size_t t = 0; t < width; ++t) {
                                         if (random.below(2) != 0) child[t] = second[t];
                                       }
                                       state_->changes.make_canonical(child);
                                     });
                    }
                  });
}

void Space::sample(std::uint64_t seed, std::span<std::int16_t> rows, std::size_t threads,
                   const Poll& poll) const {
  const std::size_t width = decisions();
  if (rows.size() % width != 0) throw std::invalid_argument("rows of another length");
  parallel_blocks(rows.size() / width, kBlock, resolve_threads(threads), poll,
                  [&](std::size_t first, std::size_t last) {
                    for (std::size_t row = first; row < last; ++row) {
                      RandomBits random(seed, row);
                      state_->draw(rows.data() + row * width, random);
                    }
                  });
}

}  // namespace ctnas
