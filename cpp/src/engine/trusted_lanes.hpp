#pragma once

#include <memory>
#include <string>

#include "runtime/lane_pool.hpp"

namespace ctnas {

/// Lanes over a session whose scores are those of a run that binds nothing.
///
/// A model that reads an input on another device than its buffer is on would go on reading what
/// was there when the buffer was bound, without any error.  So a pool is used only after it scored
/// some arbitrary graphs rightly.
/// \throws ProviderError, ModelError if lanes cannot be made or used
[[nodiscard]] std::shared_ptr<const LanePool> make_trusted_lanes(
    std::shared_ptr<const Session> session, const Signature& signature, std::size_t nodes,
    Device device, std::size_t rows);

}  // namespace ctnas
