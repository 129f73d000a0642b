#include <algorithm>
#include <bit>
#include <string>

#include "ctnas/error.hpp"
#include "ctnas/nasbench101.hpp"

namespace ctnas::nasbench101 {
namespace {

constexpr std::size_t kInterior = kMaxVertices - 2;
constexpr std::size_t kLast = kMaxVertices - 1;
constexpr std::size_t kFirstPredecessor = kInterior;
constexpr std::size_t kFirstEdge = 2 * kInterior;
constexpr std::size_t kFurtherEdges = kDecisions - kFirstEdge;

std::uint8_t bit(std::size_t vertex) { return static_cast<std::uint8_t>(1U << vertex); }

std::int16_t edge_choice(std::size_t source, std::size_t target) {
  return static_cast<std::int16_t>(1 + target * (target - 1) / 2 + source);
}

struct Edge {
  std::size_t source = 0;
  std::size_t target = 0;
};

Edge edge_of(std::int16_t choice) {
  std::size_t target = 1;
  while (edge_choice(0, target + 1) <= choice) ++target;
  return {static_cast<std::size_t>(choice - edge_choice(0, target)), target};
}

std::size_t count_edges(const Cell& cell) {
  std::size_t edges = 0;
  for (const std::uint8_t successors : cell.successors) {
    edges += static_cast<std::size_t>(std::popcount(successors));
  }
  return edges;
}

bool is_present(const Cell& cell, std::size_t vertex) {
  return cell.operations[vertex] != kPadding;
}

/// Vertices and, for each, the edge from the predecessor that it picks.
Cell decode_tree(std::span<const std::int16_t> row) {
  Cell cell;
  cell.vertices = kMaxVertices;
  cell.operations[0] = kInput;
  cell.operations[kLast] = kOutput;
  std::array<std::size_t, kMaxVertices> stands_for{};
  for (std::size_t j = 1; j < kMaxVertices; ++j) {
    if (j < kLast && row[j - 1] != 0) {
      cell.operations[j] = static_cast<std::uint8_t>(row[j - 1] - 1 + kConv3x3);
    }
    const std::int16_t picked = j == 1 ? std::int16_t{0} : row[kFirstPredecessor + j - 2];
    const std::size_t predecessor = stands_for[static_cast<std::size_t>(picked)];
    stands_for[j] = is_present(cell, j) ? j : predecessor;
    if (is_present(cell, j)) cell.successors[predecessor] |= bit(j);
  }
  return cell;
}

bool is_loose(const Cell& cell, std::size_t vertex) {
  return is_present(cell, vertex) && cell.successors[vertex] == 0;
}

/// Lets vertices that feed nothing feed the output.
Cell with_loose_ends(Cell cell) {
  for (std::size_t i = 1; i < kLast; ++i) {
    if (is_loose(cell, i)) cell.successors[i] = bit(kLast);
  }
  return cell;
}

/// The same, after leaving out the last vertices that feed nothing while there are too many edges.
Cell with_fewer_loose_ends(Cell cell) {
  Cell whole = with_loose_ends(cell);
  for (std::size_t i = kLast; count_edges(whole) > kMaxEdges; whole = with_loose_ends(cell)) {
    while (!is_loose(cell, --i)) {
    }
    cell.operations[i] = kPadding;
    for (std::uint8_t& successors : cell.successors) {
      successors &= static_cast<std::uint8_t>(~bit(i));
    }
  }
  return whole;
}

void check_row(std::span<const std::int16_t> row) {
  if (row.size() != kDecisions) {
    throw InvalidInput("a row has 15 decisions, not " + std::to_string(row.size()));
  }
  for (std::size_t t = 0; t < kDecisions; ++t) {
    if (row[t] < 0 || row[t] >= kChoices[t]) {
      throw InvalidInput("decision " + std::to_string(t) + ": choice " + std::to_string(row[t]) +
                         " is not in 0.." + std::to_string(kChoices[t] - 1));
    }
  }
}

}  // namespace

Cell decode(std::span<const std::int16_t> row) {
  check_row(row);
  Cell grown = decode_tree(row);
  Cell fitting = with_fewer_loose_ends(grown);
  for (std::size_t k = 0; k < kFurtherEdges; ++k) {
    const std::int16_t choice = row[kFirstEdge + k];
    if (choice == 0) continue;
    const auto [source, target] = edge_of(choice);
    if (!is_present(grown, source) || !is_present(grown, target)) continue;
    grown.successors[source] |= bit(target);
    const Cell whole = with_loose_ends(grown);
    if (count_edges(whole) <= kMaxEdges) fitting = whole;
  }
  return without_dead_vertices(fitting);
}

void encode(const Cell& cell, std::span<std::int16_t> row) {
  std::fill(row.begin(), row.end(), std::int16_t{0});
  // In a row the output is always the last vertex.
  const auto place = [&](std::size_t vertex) {
    return vertex + 1U == cell.vertices ? kLast : vertex;
  };
  std::size_t edge = kFirstEdge;
  for (std::size_t j = 1; j < cell.vertices; ++j) {
    if (place(j) < kLast) {
      row[j - 1] = static_cast<std::int16_t>(cell.operations[j] - kConv3x3 + 1);
    }
    bool has_predecessor = place(j) == 1;  // Vertex 1 has no choice but the input.
    for (std::size_t i = 0; i < j; ++i) {
      if ((cell.successors[i] & bit(j)) == 0 || (i == 0 && place(j) == 1)) continue;
      if (has_predecessor) {
        row[edge++] = edge_choice(i, place(j));
      } else {
        row[kFirstPredecessor + place(j) - 2] = static_cast<std::int16_t>(i);
        has_predecessor = true;
      }
    }
  }
}

}  // namespace ctnas::nasbench101
