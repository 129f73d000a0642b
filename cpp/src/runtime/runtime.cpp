#include "ctnas/runtime.hpp"

#include <charconv>
#include <cstdlib>
#include <mutex>
#include <utility>

#include "ctnas/error.hpp"
#include "runtime/elf_check.hpp"
#include "runtime/platform.hpp"
#include "runtime/runtime_state.hpp"

namespace ctnas {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPathVariable = "CTNAS_ONNXRUNTIME";

struct Library {
  fs::path path;
  void* handle;
};

Library open_file(const fs::path& path) {
  if (path.empty()) throw ProviderError("the path of the ONNX Runtime library is empty");
  require_complete_library(path);
  return {path, open_library(path)};
}

Library open_from_system() {
  std::string reasons;
  for (const char* name : system_runtime_names()) {
    try {
      return {name, open_library(name)};
    } catch (const ProviderError& error) {
      reasons += std::string("\n  ") + error.what();
    }
  }
  throw ProviderError(
      "ONNX Runtime was not found; install onnxruntime or onnxruntime-gpu, or name its library "
      "in " +
      std::string(kPathVariable) + reasons);
}

Library open_first(const std::optional<fs::path>& requested,
                   const std::optional<fs::path>& installed) {
  if (requested) return open_file(*requested);
  const char* variable = std::getenv(kPathVariable);
  if (variable != nullptr && *variable != '\0') return open_file(variable);
  if (installed) return open_file(*installed);
  return open_from_system();
}

/// Release 1.N holds version N of the table.  Asked for a version that it does not know, the
/// library complains on standard error; its version string can be read in silence.
bool knows_table(const std::string& version) {
  if (!version.starts_with("1.")) return true;
  std::uint32_t minor = 0;
  std::from_chars(version.data() + 2, version.data() + version.size(), minor);
  return minor >= abi::kApiVersion;
}

const void* const* find_table(const abi::ApiBase& base, const Library& library) {
  const std::string version = base.version_string();
  const void* const* table = knows_table(version) ? base.get_api(abi::kApiVersion) : nullptr;
  if (table != nullptr) return table;
  throw ProviderError(library.path.string() + " is ONNX Runtime " + version + "; ctnas needs 1." +
                      std::to_string(abi::kApiVersion) + " or newer");
}

std::unique_ptr<const Runtime::State> start(const Library& library) {
  const auto get_base =
      reinterpret_cast<const abi::ApiBase* (*)()>(find_symbol(library.handle, "OrtGetApiBase"));
  const abi::ApiBase& base = *get_base();
  const abi::Api api(find_table(base, library));
  set_default_environment("ORT_DISABLE_TELEMETRY", "1");
  using abi::Environment, abi::MemoryInfo, abi::Allocator;
  auto* environment = api.get<Environment*>(abi::slot::kCreateEnvWithCustomLogger, abi::keep_log,
                                            nullptr, abi::kLogError, "ctnas");
  auto* memory = api.get<MemoryInfo*>(abi::slot::kCreateCpuMemoryInfo, abi::kDeviceAllocator,
                                      abi::kDefaultMemory);
  auto* allocator = api.get<Allocator*>(abi::slot::kGetAllocatorWithDefaultOptions);
  return std::make_unique<const Runtime::State>(
      Runtime::State{library.path, base.version_string(), api, environment, memory, allocator});
}

bool is_same_file(const fs::path& left, const fs::path& right) {
  std::error_code missing;
  return left == right || fs::equivalent(left, right, missing);
}

}  // namespace

Runtime Runtime::load(const std::optional<fs::path>& requested,
                      const std::optional<fs::path>& installed) {
  static std::mutex mutex;
  // Never destroyed: sessions and threads of the library may outlive the program's static objects.
  static const State* loaded = nullptr;
  const std::scoped_lock lock(mutex);
  if (loaded == nullptr) {
    loaded = start(open_first(requested, installed)).release();
  } else if (requested && !is_same_file(*requested, loaded->path)) {
    throw ProviderError("ONNX Runtime is loaded already, from " + loaded->path.string() +
                        "; a process cannot change to " + requested->string());
  }
  return Runtime(*loaded);
}

const std::string& Runtime::version() const noexcept { return state_->version; }

const fs::path& Runtime::path() const noexcept { return state_->path; }

std::vector<std::string> Runtime::available_providers() const {
  char** names = nullptr;
  int count = 0;
  state_->api.check(abi::slot::kGetAvailableProviders, &names, &count);
  std::vector<std::string> providers(names, names + count);
  state_->api.check(abi::slot::kReleaseAvailableProviders, names, count);
  return providers;
}

}  // namespace ctnas
