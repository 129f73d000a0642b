#include "engine/known_networks.hpp"

#include "engine/bidirectional_network.hpp"
#include "engine/convolutional_network.hpp"
#include "engine/network_weights.hpp"

namespace ctnas {

std::unique_ptr<const GraphNetwork> read_network(const std::string& kind,
                                                 std::span<const std::byte> model,
                                                 const ComparatorSize& size) {
  try {
    if (kind == "bidirectional") {
      return std::make_unique<BidirectionalNetwork>(NetworkWeights(model), size);
    }
    if (kind == "gcn") return std::make_unique<ConvolutionalNetwork>(NetworkWeights(model), size);
  } catch (const UnknownNetwork&) {
    // The runtime can compute what is not known here.
  }
  return nullptr;
}

}  // namespace ctnas
