#include "engine/trusted_lanes.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "ctnas/error.hpp"
#include "engine/probe_graphs.hpp"
#include "runtime/row_scorer.hpp"

namespace ctnas {
namespace {

/// Other graphs for every pair of inputs, as the model takes them.
class ProbeInputs {
 public:
  ProbeInputs(const Session& session, const Signature& signature) {
    const ComparatorSize size = read_size(session);
    graphs_.reserve(signature.inputs.size());
    for (std::size_t index = 0; index < signature.inputs.size(); ++index) {
      const auto seed = static_cast<unsigned>(index / 2 + 1);
      const ProbeGraphs& graphs = graphs_.emplace_back(size, seed);
      inputs_.push_back(signature.inputs[index].role == Role::kAdjacency
                            ? std::as_bytes(std::span(graphs.adjacency))
                            : std::as_bytes(std::span(graphs.operations)));
    }
  }

  [[nodiscard]] std::span<const std::span<const std::byte>> get() const { return inputs_; }

 private:
  std::vector<ProbeGraphs> graphs_;
  std::vector<std::span<const std::byte>> inputs_;
};

/// Scores of the probes, one array an output.
struct ProbeScores {
  explicit ProbeScores(std::size_t outputs) : values(outputs) {}

  [[nodiscard]] std::vector<std::span<float>> spans() { return {values.begin(), values.end()}; }

  std::vector<std::array<float, kProbes>> values;
};

}  // namespace

std::shared_ptr<const LanePool> make_trusted_lanes(std::shared_ptr<const Session> session,
                                                   const Signature& signature, std::size_t nodes,
                                                   Device device, std::size_t rows) {
  const ProbeInputs inputs(*session, signature);
  ProbeScores expected(signature.outputs.size());
  ProbeScores computed(signature.outputs.size());
  RowScorer(*session, signature, nodes, inputs.get(), expected.spans()).run(0, kProbes);
  auto pool = std::make_shared<const LanePool>(std::move(session), signature, nodes,
                                               std::move(device), rows);
  // A lane binds its buffers before it copies the first rows into them: they are seen or not.
  const std::size_t chunk = std::min(rows, kProbes);
  for (std::size_t first = 0; first < kProbes; first += chunk) {
    pool->run(inputs.get(), computed.spans(), first, std::min(first + chunk, kProbes));
  }
  for (std::size_t output = 0; output < signature.outputs.size(); ++output) {
    if (agree(expected.values[output], computed.values[output])) continue;
    throw ProviderError("the model does not compute " +
                        std::string(signature.outputs[output].name) +
                        " from the buffers that are bound to it");
  }
  return pool;
}

}  // namespace ctnas
