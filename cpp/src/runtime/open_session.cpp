#include "runtime/open_session.hpp"

#include <string>
#include <utility>

#include "ctnas/error.hpp"

namespace ctnas {
namespace {

std::shared_ptr<const Session> open_on(Runtime runtime, Provider provider, std::string reason,
                                       const ModelSource& source, const Trial& trial) {
  auto options = std::make_shared<const SessionOptions>(runtime, provider, std::move(reason));
  auto session = std::make_shared<const Session>(std::move(options), source);
  trial(*session);
  return session;
}

}  // namespace

std::shared_ptr<const Session> open_session(Runtime runtime, Provider provider,
                                            const ModelSource& source, const Trial& trial) {
  if (provider == Provider::kCpu) {
    return open_on(runtime, Provider::kCpu, "the CPU was asked for", source, trial);
  }
  const bool is_required = provider == Provider::kCuda;
  std::string failure;
  try {
    const char* reason = is_required ? "CUDA was asked for" : "CUDA works";
    return open_on(runtime, Provider::kCuda, reason, source, trial);
  } catch (const ProviderError& error) {
    if (is_required) throw;
    failure = error.what();
  } catch (const ModelError& error) {
    failure = std::string("CUDA is not usable: ") + error.what();
  }
  auto session = open_on(runtime, Provider::kCpu, failure, source, trial);
  if (is_required) throw ProviderError(failure);
  return session;
}

}  // namespace ctnas
