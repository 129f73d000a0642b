/// \file
/// Any bytes are the weights of an encoder, which encodes any graphs, or of none that is known.
#include <algorithm>
#include <span>
#include <vector>

#include "claim.hpp"
#include "engine/known_networks.hpp"

namespace {

constexpr ctnas::ComparatorSize kSize{5, 4};
constexpr std::size_t kRows = 40;

/// Graphs of all kinds, padding with edges among them.
struct Graphs {
  Graphs() : adjacency(kRows * kSize.nodes * kSize.nodes), operations(kRows * kSize.nodes) {
    std::uint32_t state = 1;
    const auto draw = [&state](std::uint32_t count) {
      state = state * 1664525U + 1013904223U;
      return (state >> 16U) % count;
    };
    for (std::size_t node = 0; node < operations.size(); ++node) {
      operations[node] = draw(static_cast<std::uint32_t>(kSize.vocabulary_size));
      for (std::size_t to = node % kSize.nodes + 1; to < kSize.nodes; ++to) {
        adjacency[node * kSize.nodes + to] = static_cast<std::uint8_t>(draw(2));
      }
    }
  }

  std::vector<std::uint8_t> adjacency;
  std::vector<std::int64_t> operations;
};

bool is_same(float left, float right) { return left == right || (left != left && right != right); }

void encode(const ctnas::GraphNetwork& network) {
  static const Graphs graphs;
  const ctnas::GraphBatch batch{graphs.adjacency, graphs.operations};
  std::vector<float> challenger(kRows);
  std::vector<float> opponent(kRows);
  network.encode(batch, 0, kRows, {challenger, opponent});
  std::vector<float> challenger_again(kRows);
  std::vector<float> opponent_again(kRows);
  network.encode(batch, 0, 1, {challenger_again, opponent_again});
  network.encode(batch, 1, kRows, {challenger_again, opponent_again});
  const bool is_equal =
      std::equal(challenger.begin(), challenger.end(), challenger_again.begin(), is_same) &&
      std::equal(opponent.begin(), opponent.end(), opponent_again.begin(), is_same);
  ctnas::fuzz::claim(is_equal, "a graph has the same logits in any range");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const char* kind : {"bidirectional", "gcn"}) {
    const auto network = ctnas::read_network(kind, std::as_bytes(std::span(data, size)), kSize);
    if (network) encode(*network);
  }
  return 0;
}
