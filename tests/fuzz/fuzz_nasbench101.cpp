/// \file
/// Any row of decisions is a valid cell or refused; any graph is a cell, kept by its row, or
/// refused.
#include <algorithm>
#include <array>
#include <span>

#include "claim.hpp"
#include "ctnas/error.hpp"
#include "ctnas/nasbench101.hpp"

namespace {

using namespace ctnas::nasbench101;
using ctnas::fuzz::claim;

constexpr std::size_t kEntries = kMaxVertices * kMaxVertices;

struct Graph {
  std::array<std::uint8_t, kEntries> adjacency{};
  std::array<std::int64_t, kMaxVertices> operations{};
};

void check_cell(const Cell& cell) {
  Graph graph;
  write_cell(cell, graph.adjacency, graph.operations);
  claim(read_cell(graph.adjacency, graph.operations) == cell, "a cell is its graph");
  std::array<std::int16_t, kDecisions> row{};
  encode(cell, row);
  claim(decode(row) == cell, "a cell is its row");
  claim(without_dead_vertices(cell) == cell, "a cell has no dead vertices");
  claim(hash_cells(std::span(&cell, 1), 1, {}).size() == 1, "a cell has a hash");
  const Costs costs = network_costs(cell);
  claim(costs.madds > 0.0 && costs.parameters > 0.0, "a network costs something");
}

void read_as_row(std::span<const std::uint8_t> bytes) {
  std::array<std::int16_t, kDecisions> row{};
  for (std::size_t at = 0; at < std::min(row.size(), bytes.size()); ++at) {
    row[at] = static_cast<std::int8_t>(bytes[at]);
  }
  check_cell(decode(row));
}

void read_as_graph(std::span<const std::uint8_t> bytes) {
  Graph graph;
  const std::size_t entries = std::min(kEntries, bytes.size());
  std::copy_n(bytes.begin(), entries, graph.adjacency.begin());
  for (std::size_t at = kEntries; at < std::min(kEntries + kMaxVertices, bytes.size()); ++at) {
    graph.operations[at - kEntries] = static_cast<std::int8_t>(bytes[at]);
  }
  check_cell(read_cell(graph.adjacency, graph.operations));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(data, size);
  for (const auto read : {read_as_row, read_as_graph}) {
    try {
      read(bytes);
    } catch (const ctnas::InvalidInput&) {
      continue;
    }
  }
  return 0;
}
