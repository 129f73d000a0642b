#pragma once

#include <memory>

#include "engine/graph_network.hpp"
#include "runtime/model_source.hpp"
#include "runtime/scoring_model.hpp"

namespace ctnas {

/// Reads the encoder out of the model that a session has open, and has both encode some graphs.
///
/// \return nothing if the runtime has to encode: on CUDA, for a kind of encoder that is not known
///     here, or if the model computes anything else than its metadata and weights promise
[[nodiscard]] std::unique_ptr<const GraphNetwork> read_trusted_network(const Session& session,
                                                                       const ModelSource& source,
                                                                       const Signature& signature);

}  // namespace ctnas
