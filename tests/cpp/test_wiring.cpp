#include "engine/wiring.hpp"

#include <set>
#include <tuple>

#include "catch2.hpp"
#include "engine/node_states.hpp"
#include "fixtures.hpp"

namespace ctnas {
namespace {

using testing::Graphs;
using testing::kNodes;
using List = std::vector<std::uint32_t>;

Wiring wire(const GraphBatch& batch, std::size_t nodes = kNodes) {
  Wiring wiring;
  WiringReader().read(batch, nodes, wiring);
  return wiring;
}

List successors(const Wiring& wiring, std::size_t node) {
  const Neighborhood& near = wiring.neighborhoods[node];
  return {wiring.neighbors.begin() + near.successors, wiring.neighbors.begin() + near.predecessors};
}

List predecessors(const Wiring& wiring, std::size_t node) {
  const Neighborhood& near = wiring.neighborhoods[node];
  return {wiring.neighbors.begin() + near.predecessors, wiring.neighbors.begin() + near.end};
}

TEST_CASE("lists hold the edges of the matrices, in order") {
  Graphs graphs(200);
  for (std::int64_t& operation : graphs.operations) operation = operation % 5 + 1;
  const Wiring wiring = wire(graphs.batch());
  REQUIRE(wiring.graphs() == 200);
  REQUIRE(wiring.nodes() == 200 * kNodes);
  for (std::uint32_t node = 0; node < wiring.nodes(); ++node) {
    const std::uint32_t first = node - node % std::uint32_t{kNodes};
    List expected_successors;
    List expected_predecessors;
    for (std::uint32_t other = first; other < first + kNodes; ++other) {
      if (graphs.adjacency[node * kNodes + other - first]) expected_successors.push_back(other);
      if (graphs.adjacency[other * kNodes + node - first]) expected_predecessors.push_back(other);
    }
    CHECK(successors(wiring, node) == expected_successors);
    CHECK(predecessors(wiring, node) == expected_predecessors);
    CHECK(wiring.operation[node] == graphs.operations[node]);
  }
}

TEST_CASE("padding is left out unless an edge leads to or from it") {
  const std::vector<std::uint8_t> adjacency{0, 1, 0, 0,  //
                                            0, 0, 0, 0,  //
                                            0, 0, 0, 0,  //
                                            0, 0, 0, 0};
  const std::vector<std::int64_t> operations{1, 0, 0, 2};
  const Wiring wiring = wire({adjacency, operations}, 4);
  CHECK(wiring.operation == List{1, 0, 2});
  CHECK(successors(wiring, 0) == List{1});
  CHECK(predecessors(wiring, 1) == List{0});
  CHECK(wiring.first_node == List{0, 3});
}

TEST_CASE("a reader goes over from graphs of one size to another") {
  WiringReader reader;
  Wiring wiring;
  const std::vector<std::uint8_t> small{0, 1, 0, 0};
  const std::vector<std::int64_t> pair{1, 2};
  const Graphs graphs(3);
  reader.read(graphs.batch(), kNodes, wiring);
  reader.read({small, pair}, 2, wiring);
  CHECK(wiring.nodes() == 2);
  CHECK(wiring.neighbors == List{1, 0});
}

TEST_CASE("nodes share a state exactly if operation and neighborhood are equal") {
  const Graphs graphs(2000);
  const Wiring wiring = wire(graphs.batch());
  NodeStates states;
  states.find(wiring);
  const auto operations = [&wiring](List nodes) {
    for (std::uint32_t& node : nodes) node = wiring.operation[node];
    return nodes;
  };
  using Key = std::tuple<std::uint32_t, List, List>;
  std::set<Key> keys;
  std::set<std::tuple<Key, std::uint32_t>> keys_and_states;
  for (std::size_t node = 0; node < wiring.nodes(); ++node) {
    const Key key{wiring.operation[node], operations(successors(wiring, node)),
                  operations(predecessors(wiring, node))};
    keys.insert(key);
    keys_and_states.insert({key, states.of_nodes()[node]});
  }
  CHECK(keys.size() == states.size());
  CHECK(keys_and_states.size() == states.size());
  for (std::size_t edge = 0; edge < wiring.neighbors.size(); ++edge) {
    CHECK(states.of_neighbors()[edge] == states.of_nodes()[wiring.neighbors[edge]]);
  }
}

}  // namespace
}  // namespace ctnas
