#pragma once

#include <functional>
#include <memory>

#include "runtime/model_source.hpp"
#include "runtime/session.hpp"

namespace ctnas {

/// Throws if a session is not what its user needs.
using Trial = std::function<void(const Session&)>;

/// Opens a model on the provider that was asked for.
///
/// CUDA counts as working only if the session opens and passes its trial there.
/// \throws ProviderError if CUDA was asked for and only CUDA is to blame: the CPU accepts the model
/// \throws FileError, ModelError if the model is to blame
[[nodiscard]] std::shared_ptr<const Session> open_session(Runtime runtime, Provider provider,
                                                          const ModelSource& source,
                                                          const Trial& trial);

}  // namespace ctnas
