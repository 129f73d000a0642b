#include "platform.hpp"

#include <array>
#include <cstdlib>
#include <string>

#include "ctnas/error.hpp"

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <process.h>
#include <windows.h>
#else
#include <dlfcn.h>
#include <unistd.h>
#endif

namespace ctnas {

#ifdef _WIN32

int process_id() noexcept { return _getpid(); }

void set_default_environment(const char* name, const char* value) {
  if (std::getenv(name) == nullptr) _putenv_s(name, value);
}

void* open_library(const std::filesystem::path& path) {
  // A full path also says where the library's own dependencies are looked for.
  const DWORD flags = path.is_absolute() ? LOAD_WITH_ALTERED_SEARCH_PATH : 0;
  if (HMODULE library = LoadLibraryExW(path.c_str(), nullptr, flags)) return library;
  throw ProviderError(path.string() + ": LoadLibrary failed with error " +
                      std::to_string(GetLastError()));
}

void* find_symbol(void* library, const char* name) {
  if (FARPROC symbol = GetProcAddress(static_cast<HMODULE>(library), name)) {
    return reinterpret_cast<void*>(symbol);
  }
  throw ProviderError(std::string("the library has no function ") + name);
}

std::span<const char* const> system_runtime_names() noexcept {
  static constexpr std::array names{"onnxruntime.dll"};
  return names;
}

#else

int process_id() noexcept { return getpid(); }

void set_default_environment(const char* name, const char* value) { setenv(name, value, 0); }

void* open_library(const std::filesystem::path& path) {
  if (void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
  throw ProviderError(dlerror());
}

void* find_symbol(void* library, const char* name) {
  if (void* symbol = dlsym(library, name)) return symbol;
  throw ProviderError(dlerror());
}

std::span<const char* const> system_runtime_names() noexcept {
#ifdef __APPLE__
  static constexpr std::array names{"libonnxruntime.dylib"};
#else
  static constexpr std::array names{"libonnxruntime.so.1", "libonnxruntime.so"};
#endif
  return names;
}

#endif

}  // namespace ctnas
