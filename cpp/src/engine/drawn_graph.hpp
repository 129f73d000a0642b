#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ctnas {

/// Ids that have the same meaning in every vocabulary.
inline constexpr std::int64_t kPaddingId = 0;
inline constexpr std::int64_t kInputId = 1;
inline constexpr std::int64_t kOutputId = 2;

/// One architecture as it was written down: of any number of nodes, also such as lie on no path.
struct DrawnGraph {
  explicit DrawnGraph(std::size_t nodes) : operations(nodes), adjacency(nodes * nodes) {}

  [[nodiscard]] std::size_t nodes() const noexcept { return operations.size(); }
  [[nodiscard]] bool feeds(std::size_t from, std::size_t to) const {
    return adjacency[from * nodes() + to] != 0;
  }
  void connect(std::size_t from, std::size_t to) { adjacency[from * nodes() + to] = 1; }

  std::vector<std::int64_t> operations;  ///< [V]
  std::vector<std::uint8_t> adjacency;   ///< [V, V], strictly upper triangular
};

/// The graph without the nodes that lie on no path from an input to the output; inputs and the
/// output stay.  No path leads through padding.
[[nodiscard]] DrawnGraph without_dead_nodes(const DrawnGraph& graph);

}  // namespace ctnas
