#include "engine/trusted_network.hpp"

#include <array>
#include <fstream>
#include <iterator>
#include <vector>

#include "engine/known_networks.hpp"
#include "engine/probe_graphs.hpp"
#include "runtime/row_scorer.hpp"

namespace ctnas {
namespace {

struct ProbeLogits {
  std::array<float, kProbes> challenger;
  std::array<float, kProbes> opponent;
};

bool agree_on_probes(const Session& session, const GraphNetwork& network,
                     const ComparatorSize& size, const Signature& signature) {
  const ProbeGraphs probes(size);
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
