#include "trusted_network.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

#include "row_scorer.hpp"

namespace ctnas {
namespace {

constexpr std::size_t kProbes = 16;

/// Arbitrary graphs, denser and odder than those of any space.
struct Probes {
  explicit Probes(const ComparatorSize& size)
      : adjacency(kProbes * size.nodes * size.nodes), operations(kProbes * size.nodes) {
    std::minstd_rand draw;  // the same numbers everywhere
    const auto vocabulary = static_cast<std::uint64_t>(size.vocabulary_size);
    for (std::int64_t& operation : operations) {
      operation = static_cast<std::int64_t>(draw() % vocabulary);
    }
    for (std::size_t row = 0; row < operations.size(); ++row) {
      const std::size_t from = row % size.nodes;
      for (std::size_t to = from + 1; to < size.nodes; ++to) {
        adjacency[row * size.nodes + to] = draw() % 3 == 0 ? 1 : 0;
      }
    }
  }

  std::vector<std::uint8_t> adjacency;
  std::vector<std::int64_t> operations;
};

struct ProbeLogits {
  std::array<float, kProbes> challenger;
  std::array<float, kProbes> opponent;
};

/// Whether two computations differ by rounding only; never true where one is not a number.
bool agree(std::span<const float> a, std::span<const float> b) {
  constexpr float kTolerance = 5e-5F;
  float largest = 1.0F;
  for (const float value : a) largest = std::max(largest, std::abs(value));
  // An infinite tolerance would let anything pass.
  return std::isfinite(largest) &&
         std::equal(a.begin(), a.end(), b.begin(), [largest](float left, float right) {
           return std::abs(left - right) <= kTolerance * largest;
         });
}

bool agree_on_probes(const Session& session, const GraphNetwork& network,
                     const ComparatorSize& size, const Signature& signature) {
  const Probes probes(size);
  ProbeLogits expected;
  ProbeLogits computed;
  const std::array inputs{std::as_bytes(std::span(probes.adjacency)),
                          std::as_bytes(std::span(probes.operations))};
  const std::array scores{std::span<float>(expected.challenger),
                          std::span<float>(expected.opponent)};
  RowScorer(session, signature, size.nodes, inputs, scores).run(0, kProbes);
  network.encode({probes.adjacency, probes.operations}, 0, kProbes,
                 {computed.challenger, computed.opponent});
  return agree(expected.challenger, computed.challenger) &&
         agree(expected.opponent, computed.opponent);
}

std::unique_ptr<const GraphNetwork> read_from(const ModelSource& source, const std::string& kind,
                                              const ComparatorSize& size) {
  if (const auto* path = std::get_if<std::filesystem::path>(&source)) {
    std::ifstream file(*path, std::ios::binary);
    const std::vector<char> model{std::istreambuf_iterator<char>(file), {}};
    return read_network(kind, std::as_bytes(std::span(model)), size);
  }
  return read_network(kind, std::get<std::span<const std::byte>>(source), size);
}

}  // namespace

std::unique_ptr<const GraphNetwork> read_trusted_network(const Session& session,
                                                         const ModelSource& source,
                                                         const Signature& signature) {
  const auto kind = session.metadata().find("ctnas.encoder");
  if (session.options()->provider() != Provider::kCpu || kind == session.metadata().end()) {
    return nullptr;
  }
  const ComparatorSize size = read_size(session);
  auto network = read_from(source, kind->second, size);
  if (network && !agree_on_probes(session, *network, size, signature)) return nullptr;
  return network;
}

}  // namespace ctnas
