// Cells up to isomorphism: graphs first, each once, then their labelings up to the symmetries of
// the graph.
#include <algorithm>
#include <bit>
#include <numeric>

#include "ctnas/nasbench101.hpp"

namespace ctnas::nasbench101 {
namespace {

constexpr std::size_t kOperations = 3;

/// vertex -> vertex; input and output stay.
using Permutation = std::array<std::uint8_t, kMaxVertices>;
using Successors = std::array<std::uint8_t, kMaxVertices>;

struct Graph {
  Successors successors{};
  std::vector<Permutation> symmetries;
};

/// Edges (i, j), i < j, numbered by j, then i.
std::size_t edge_number(std::size_t i, std::size_t j) { return j * (j - 1) / 2 + i; }

Successors unpack(std::uint32_t code, std::size_t vertices) {
  Successors successors{};
  for (std::size_t j = 1; j < vertices; ++j) {
    for (std::size_t i = 0; i < j; ++i) {
      if ((code >> edge_number(i, j) & 1U) != 0) {
        successors[i] = static_cast<std::uint8_t>(successors[i] | 1U << j);
      }
    }
  }
  return successors;
}

/// Whether every vertex has a successor but the last, and a predecessor but the first: in a graph
/// without cycles all then lie on paths from the first to the last.
bool has_no_dead_vertices(const Successors& successors, std::size_t vertices) {
  unsigned fed = 1;
  for (std::size_t i = 0; i + 1 < vertices; ++i) {
    if (successors[i] == 0) return false;
    fed |= successors[i];
  }
  return fed == (1U << vertices) - 1U;
}

/// The code of the graph with its vertices renamed; 0 if an edge then leads backward.
std::uint32_t renamed(const Successors& successors, const Permutation& names,
                      std::size_t vertices) {
  std::uint32_t code = 0;
  for (std::size_t i = 0; i < vertices; ++i) {
    for (unsigned rest = successors[i]; rest != 0; rest &= rest - 1) {
      const auto j = static_cast<std::size_t>(std::countr_zero(rest));
      if (names[i] >= names[j]) return 0;
      code |= 1U << edge_number(names[i], names[j]);
    }
  }
  return code;
}

std::vector<Permutation> permutations(std::size_t vertices) {
  Permutation names{};
  std::iota(names.begin(), names.end(), std::uint8_t{0});
  std::vector<Permutation> all;
  const auto first = names.begin() + 1;
  const auto last = names.begin() + static_cast<std::ptrdiff_t>(vertices) - 1;
  do {
    all.push_back(names);
  } while (std::next_permutation(first, last));
  return all;
}

/// Every graph of so many vertices once, with its symmetries.
std::vector<Graph> graphs_of(std::size_t vertices) {
  const std::uint32_t codes = 1U << edge_number(0, vertices);
  const std::vector<Permutation> names = permutations(vertices);
  std::vector<bool> seen(codes);
  std::vector<Graph> graphs;
  for (std::uint32_t code = 1; code < codes; ++code) {
    if (static_cast<std::size_t>(std::popcount(code)) > kMaxEdges || seen[code]) continue;
    Graph graph{unpack(code, vertices), {}};
    if (!has_no_dead_vertices(graph.successors, vertices)) continue;
    for (const Permutation& permutation : names) {
      const std::uint32_t same = renamed(graph.successors, permutation, vertices);
      if (same == code) graph.symmetries.push_back(permutation);
      seen[same] = true;
    }
    graphs.push_back(std::move(graph));
  }
  return graphs;
}

std::size_t labelings_of(std::size_t vertices) {
  std::size_t labelings = 1;
  for (std::size_t interior = 2; interior < vertices; ++interior) labelings *= kOperations;
  return labelings;
}

using Labels = std::array<std::uint8_t, kMaxVertices>;

Labels labels_of(std::size_t labeling, std::size_t vertices) {
  Labels labels{};
  labels[0] = kInput;
  labels[vertices - 1] = kOutput;
  for (std::size_t v = 1; v + 1 < vertices; ++v) {
    labels[v] = static_cast<std::uint8_t>(kConv3x3 + labeling % kOperations);
    labeling /= kOperations;
  }
  return labels;
}

/// Whether no symmetry of the graph turns the labels into smaller ones.
bool is_first(const Labels& labels, const Graph& graph) {
  return std::none_of(graph.symmetries.begin(), graph.symmetries.end(),
                      [&](const Permutation& symmetry) {
                        Labels other{};
                        for (std::size_t v = 0; v < kMaxVertices; ++v)
                          other[v] = labels[symmetry[v]];
                        return other < labels;
                      });
}

std::vector<Cell> all_cells() {
  std::vector<Cell> cells;
  for (std::size_t vertices = 2; vertices <= kMaxVertices; ++vertices) {
    for (const Graph& graph : graphs_of(vertices)) {
      for (std::size_t labeling = 0; labeling < labelings_of(vertices); ++labeling) {
        const Labels labels = labels_of(labeling, vertices);
        if (!is_first(labels, graph)) continue;
        cells.push_back({static_cast<std::uint8_t>(vertices), graph.successors, labels});
      }
    }
  }
  return cells;
}

}  // namespace

Enumeration enumerate(std::size_t threads, const Poll& poll) {
  const std::vector<Cell> cells = all_cells();
  const std::vector<Hash> hashes = hash_cells(cells, threads, poll);
  std::vector<std::uint32_t> order(cells.size());
  std::iota(order.begin(), order.end(), std::uint32_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return hashes[a] < hashes[b]; });
  Enumeration enumeration;
  enumeration.cells.reserve(cells.size());
  enumeration.hashes.reserve(cells.size());
  for (const std::size_t index : order) {
    enumeration.cells.push_back(cells[index]);
    enumeration.hashes.push_back(hashes[index]);
  }
  return enumeration;
}

}  // namespace ctnas::nasbench101
