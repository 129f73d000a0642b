#include "learning/graph_lists.hpp"

#include <algorithm>
#include <string>

#include "ctnas/error.hpp"
#include "ctnas/learning.hpp"
#include "spaces/graph_check.hpp"

namespace ctnas {
namespace {

constexpr std::uint32_t kInput = 1;

void follow_data(GraphLists& lists) {
  const Wiring& wiring = lists.wiring;
  lists.level.resize(wiring.nodes());
  lists.starts.resize(wiring.nodes());
  lists.reached.resize(wiring.nodes());
  for (std::size_t node = 0; node < wiring.nodes(); ++node) {
    lists.starts[node] = wiring.operation[node] == kInput ? 1 : 0;
    const Neighborhood& near = wiring.neighborhoods[node];
    for (std::uint32_t edge = near.predecessors; edge < near.end; ++edge) {
      const std::uint32_t before = wiring.neighbors[edge];
      lists.level[node] = std::max(lists.level[node], lists.level[before] + 1);
      if (lists.starts[before] != 0 || lists.reached[before] != 0) lists.reached[node] = 1;
    }
  }
}

}  // namespace

GraphLists list_graphs(const GraphBatch& batch, const ComparatorSize& size, std::size_t views) {
  if (size.nodes == 0) throw InvalidInput("graphs have no nodes");
  const std::size_t graphs = batch.operations.size() / size.nodes;
  if (views == 0 || graphs % views != 0) {
    throw InvalidInput(std::to_string(graphs) + " graphs are not " + std::to_string(views) +
                       " views of each architecture");
  }
  GraphCheck(size, "").require_valid(batch, graphs, 1, {});
  GraphLists lists;
  WiringReader().read(batch, size.nodes, lists.wiring);
  lists.views = views;
  lists.operations = static_cast<std::size_t>(size.vocabulary_size);
  follow_data(lists);
  return lists;
}

LearningGraphs::LearningGraphs(const GraphBatch& batch, std::size_t nodes, std::size_t operations,
                               std::size_t views)
    : lists_(std::make_unique<const GraphLists>(
          list_graphs(batch, {nodes, static_cast<std::int64_t>(operations)}, views))) {}
LearningGraphs::~LearningGraphs() = default;
LearningGraphs::LearningGraphs(LearningGraphs&&) noexcept = default;
LearningGraphs& LearningGraphs::operator=(LearningGraphs&&) noexcept = default;

std::size_t LearningGraphs::architectures() const { return lists_->architectures(); }

}  // namespace ctnas
