#include <algorithm>
#include <bit>
#include <string>

#include "ctnas/error.hpp"
#include "ctnas/nasbench101.hpp"

namespace ctnas::nasbench101 {
namespace {

std::uint8_t bit(std::size_t vertex) { return static_cast<std::uint8_t>(1U << vertex); }

/// Vertices that can be reached from the input, as a bit mask.
unsigned reached_forward(const Cell& cell) {
  unsigned reached = 1;
  for (std::size_t i = 0; i < cell.vertices; ++i) {
    if ((reached >> i & 1U) != 0) reached |= cell.successors[i];
  }
  return reached;
}

/// Vertices from which the output can be reached, as a bit mask.
unsigned reached_backward(const Cell& cell) {
  unsigned reached = bit(cell.vertices - 1U);
  for (std::size_t i = cell.vertices; i-- > 0;) {
    if ((cell.successors[i] & reached) != 0) reached |= bit(i);
  }
  return reached;
}

void check_operations(const Cell& cell) {
  const std::size_t last = cell.vertices - 1U;
  for (std::size_t i = 0; i <= last; ++i) {
    const std::uint8_t operation = cell.operations[i];
    const bool fits = i == 0      ? operation == kInput
                      : i == last ? operation == kOutput
                                  : operation >= kConv3x3 && operation <= kMaxPool3x3;
    if (!fits) {
      throw InvalidInput("vertex " + std::to_string(i) + " has operation " +
                         std::to_string(operation) +
                         ": a cell is an input, operations 3 to 5, and an output");
    }
  }
}

}  // namespace

Cell read_cell(std::span<const std::uint8_t> adjacency, std::span<const std::int64_t> operations) {
  Cell cell;
  while (cell.vertices < kMaxVertices && operations[cell.vertices] != kPadding) {
    const std::int64_t operation = operations[cell.vertices];
    const bool known = operation > 0 && operation <= kMaxPool3x3;
    cell.operations[cell.vertices++] = static_cast<std::uint8_t>(known ? operation : 255);
  }
  if (cell.vertices < 2) throw InvalidInput("a cell has at least an input and an output");
  check_operations(cell);
  std::size_t edges = 0;
  for (std::size_t i = 0; i < kMaxVertices; ++i) {
    for (std::size_t j = 0; j < kMaxVertices; ++j) {
      if (adjacency[i * kMaxVertices + j] == 0) continue;
      if (j <= i || j >= cell.vertices) {
        throw InvalidInput("the edge from vertex " + std::to_string(i) + " to " +
                           std::to_string(j) + " does not lead forward to a vertex of the cell");
      }
      cell.successors[i] |= bit(j);
      ++edges;
    }
  }
  if (edges > kMaxEdges) {
    throw InvalidInput("a cell has at most 9 edges, not " + std::to_string(edges));
  }
  const unsigned everything = (1U << cell.vertices) - 1U;
  if ((reached_forward(cell) & reached_backward(cell)) != everything) {
    throw InvalidInput("a vertex lies on no path from the input to the output");
  }
  return cell;
}

void write_cell(const Cell& cell, std::span<std::uint8_t> adjacency,
                std::span<std::int64_t> operations) {
  for (std::size_t i = 0; i < kMaxVertices; ++i) {
    operations[i] = cell.operations[i];
    for (std::size_t j = 0; j < kMaxVertices; ++j) {
      adjacency[i * kMaxVertices + j] = cell.successors[i] >> j & 1U;
    }
  }
}

Cell without_dead_vertices(const Cell& cell) {
  const unsigned alive = reached_forward(cell) & reached_backward(cell);
  // The place of an alive vertex among the alive ones.
  const auto place = [alive](std::size_t vertex) {
    return static_cast<std::size_t>(std::popcount(alive & (bit(vertex) - 1U)));
  };
  Cell result;
  result.vertices = static_cast<std::uint8_t>(std::popcount(alive));
  for (std::size_t i = 0; i < cell.vertices; ++i) {
    if ((alive >> i & 1U) == 0) continue;
    result.operations[place(i)] = cell.operations[i];
    for (std::size_t j = i + 1; j < cell.vertices; ++j) {
      if ((cell.successors[i] & alive & bit(j)) != 0) result.successors[place(i)] |= bit(place(j));
    }
  }
  return result;
}

}  // namespace ctnas::nasbench101
