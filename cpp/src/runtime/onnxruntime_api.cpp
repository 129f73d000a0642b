#include "runtime/onnxruntime_api.hpp"

#include <string>

namespace ctnas::abi {
namespace {

std::string& thread_log() {
  thread_local std::string log;
  return log;
}

}  // namespace

std::string take_log() { return std::exchange(thread_log(), {}); }

void keep_log(void* /*user*/, Enum /*severity*/, const char* /*category*/, const char* /*log_id*/,
              const char* /*location*/, const char* message) noexcept {
  constexpr std::size_t kLongest = 4096;
  try {
    std::string& log = thread_log();
    if (log.size() > kLongest) return;
    if (!log.empty()) log += "; ";
    log += message;
  } catch (...) {
    // The message is also in the status that the failed call returns.
  }
}

void Api::fail(Status* status) const {
  const Handle<Status> owner(status, Release<Status>{this});
  std::string text = call(slot::kGetErrorMessage, status);
  text.erase(text.find_last_not_of(" \n") + 1);
  const std::string log = take_log();
  // A failing operator is logged in the words of the status: say it once.
  if (!log.empty() && log.find(text) == std::string::npos) text += " [" + log + "]";
  throw CallError(text);
}

}  // namespace ctnas::abi
