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

constexpr std::uint8_t bit(std::size_t vertex) { return static_cast<std::uint8_t>(1U << vertex); }

constexpr std::int16_t edge_choice(std::size_t source, std::size_t target) {
  return static_cast<std::int16_t>(1 + target * (target - 1) / 2 + source);
}

/// Edges of seven vertices: bit j of byte i says that i feeds j.
using Edges = std::uint64_t;

constexpr Edges kEveryByte = 0x01010101010101;
constexpr Edges kHighBits = 0x80 * kEveryByte;

constexpr Edges edge_bit(std::size_t source, std::size_t target) {
  return Edges{1} << (8 * source + target);
}

/// The edges that the choices of a further edge stand for, none first.
constexpr std::array<Edges, 22> kFurther = [] {
  std::array<Edges, 22> edges{};
  for (std::size_t target = 1; target < kMaxVertices; ++target) {
    for (std::size_t source = 0; source < target; ++source) {
      edges[static_cast<std::size_t>(edge_choice(source, target))] = edge_bit(source, target);
    }
  }
  return edges;
}();

/// A cell in which some of the five interior vertices may be missing.
struct Grown {
  Edges edges = 0;
  Edges interior = 0;  ///< the high bit of every byte of an interior vertex that is there

  /// The same bits of those that feed nothing.
  [[nodiscard]] Edges loose() const {
    const Edges feeding = (((edges & ~kHighBits) + 0x7f * kEveryByte) | edges) & kHighBits;
    return interior & ~feeding;
  }

  /// How many edges there are when these feed the output.
  [[nodiscard]] std::size_t size() const {
    return static_cast<std::size_t>(std::popcount(edges)) +
           static_cast<std::size_t>(std::popcount(loose()));
  }

  [[nodiscard]] bool has(std::size_t vertex) const {
    return (interior >> (8 * vertex + 7) & 1U) != 0;
  }

  /// Leaves out the last vertices that feed nothing while there are too many edges.
  void shrink() {
    for (std::size_t vertex = kLast; size() > kMaxEdges;) {
      while ((loose() >> (8 * --vertex + 7) & 1U) == 0) {
      }
      interior &= ~(Edges{0x80} << (8 * vertex));
      edges &= ~(kEveryByte << vertex);
    }
  }
};

/// Vertices and, for each, the edge from the predecessor that it picks.
Grown grow_tree(const std::int16_t* row) {
  Grown grown;
  std::array<std::size_t, kMaxVertices> stands_for{};
  for (std::size_t j = 1; j < kMaxVertices; ++j) {
    const std::int16_t picked = j == 1 ? std::int16_t{0} : row[kFirstPredecessor + j - 2];
    const std::size_t predecessor = stands_for[static_cast<std::size_t>(picked)];
    const bool is_there = j == kLast || row[j - 1] != 0;
    stands_for[j] = is_there ? j : predecessor;
    if (is_there) grown.edges |= edge_bit(predecessor, j);
    if (is_there && j != kLast) grown.interior |= Edges{0x80} << (8 * j);
  }
  return grown;
}

/// Adds the further edges between vertices that are there, as long as they are not too many.
void add_further_edges(const std::int16_t* row, Grown& grown) {
  Edges possible = edge_bit(0, kLast);
  for (std::size_t i = 0; i < kLast; ++i) {
    for (std::size_t j = i + 1; j < kMaxVertices; ++j) {
      const bool are_there = (i == 0 || grown.has(i)) && (j == kLast || grown.has(j));
      if (are_there) possible |= edge_bit(i, j);
    }
  }
  for (std::size_t k = 0; k < kFurtherEdges; ++k) {
    const Edges before = grown.edges;
    grown.edges |= kFurther[static_cast<std::size_t>(row[kFirstEdge + k])] & possible;
    if (grown.size() <= kMaxEdges) continue;
    // More edges do not make it fewer: none of the others fits either.
    grown.edges = before;
    return;
  }
}

/// Closes the gaps of vertices that are missing.
Cell pack(const std::int16_t* row, const Grown& grown) {
  Cell cell;
  cell.operations[cell.vertices++] = kInput;
  for (std::size_t j = 1; j < kLast; ++j) {
    if (!grown.has(j)) continue;
    cell.operations[cell.vertices++] = static_cast<std::uint8_t>(row[j - 1] - 1 + kConv3x3);
  }
  cell.operations[cell.vertices++] = kOutput;
  Edges edges = grown.edges | grown.loose() >> 1U;  // The output is bit 6.
  for (std::size_t j = kLast; --j > 0;) {
    if (grown.has(j)) continue;
    const Edges lower_targets = kEveryByte * (bit(j) - 1U);
    const Edges lower_sources = (Edges{1} << (8 * j)) - 1U;
    edges = (edges & lower_targets) | (edges >> 1U & ~lower_targets & 0x7f * kEveryByte);
    edges = (edges & lower_sources) | (edges >> 8U & ~lower_sources);
  }
  for (std::size_t i = 0; i < kMaxVertices; ++i) {
    cell.successors[i] = static_cast<std::uint8_t>(edges >> (8 * i));
  }
  return cell;
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

Cell decode_valid(const std::int16_t* row) {
  Grown grown = grow_tree(row);
  if (grown.size() > kMaxEdges) {
    grown.shrink();
  } else {
    add_further_edges(row, grown);
  }
  return pack(row, grown);
}

Cell decode(std::span<const std::int16_t> row) {
  check_row(row);
  return decode_valid(row.data());
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
