#include "runtime/platform.hpp"

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

std::filesystem::path library_of(const void* address) {
  HMODULE library = nullptr;
  constexpr DWORD kFlags =
      GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
  std::array<wchar_t, 32768> file{};
  if (GetModuleHandleExW(kFlags, static_cast<LPCWSTR>(address), &library) == 0) return {};
  GetModuleFileNameW(library, file.data(), static_cast<DWORD>(file.size()));
  return file.data();
}

void* find_loaded_symbol(const std::filesystem::path& library, const char* name) {
  HMODULE loaded = GetModuleHandleW(library.c_str());
  return loaded == nullptr ? nullptr : reinterpret_cast<void*>(GetProcAddress(loaded, name));
}

// A lookup does not reach the libraries that a library needs: the releases have to be named.
std::vector<std::filesystem::path> cuda_runtime_libraries(
    const std::filesystem::path& /*onnxruntime*/) {
  return {"cudart64_13.dll", "cudart64_12.dll", "cudart64_110.dll"};
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

std::filesystem::path library_of(const void* address) {
  Dl_info found{};
  return dladdr(address, &found) != 0 && found.dli_fname != nullptr ? found.dli_fname : "";
}

void* find_loaded_symbol(const std::filesystem::path& library, const char* name) {
  void* loaded = dlopen(library.c_str(), RTLD_NOW | RTLD_NOLOAD);
  if (loaded == nullptr) return nullptr;
  void* symbol = dlsym(loaded, name);
  dlclose(loaded);  // gives back what RTLD_NOLOAD counted; the library stays open
  return symbol;
}

// A lookup reaches the libraries that a library needs, so that the release need not be known.
std::vector<std::filesystem::path> cuda_runtime_libraries(
    const std::filesystem::path& onnxruntime) {
  return {onnxruntime.parent_path() / "libonnxruntime_providers_cuda.so"};
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
