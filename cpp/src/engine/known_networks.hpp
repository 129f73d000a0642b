#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "engine/graph_network.hpp"

namespace ctnas {

/// Reads the encoder out of a `ranker.onnx`, which stays the only place where the weights are.
///
/// \param kind what the metadata call the encoder
/// \return nothing unless it is a kind that is known here, with all its weights
[[nodiscard]] std::unique_ptr<const GraphNetwork> read_network(const std::string& kind,
                                                               std::span<const std::byte> model,
                                                               const ComparatorSize& size);

}  // namespace ctnas
