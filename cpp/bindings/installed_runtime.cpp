#include "installed_runtime.hpp"

#include <pybind11/pybind11.h>

#include <array>
#include <string>
#include <string_view>

#include "calls.hpp"

namespace ctnas::bindings {
namespace {

namespace fs = std::filesystem;
namespace py = pybind11;

bool is_runtime_library(std::string_view file) {
  if (file == "onnxruntime.dll") return true;
  for (const std::string_view prefix : {"libonnxruntime.so", "libonnxruntime.dylib"}) {
    if (file.starts_with(prefix)) return true;
  }
  return file.starts_with("libonnxruntime.") && file.ends_with(".dylib");
}

/// Where the package is, found without importing it: that takes long and starts a second runtime.
std::optional<fs::path> find_package() {
  try {
    const py::object spec = py::module_::import("importlib.util").attr("find_spec")("onnxruntime");
    if (spec.is_none()) return std::nullopt;
    const py::object locations = spec.attr("submodule_search_locations");
    if (locations.is_none()) return std::nullopt;
    for (const py::handle location : locations) return fs::path(py::cast<std::string>(location));
  } catch (const py::error_already_set& error) {
    if (!error.matches(PyExc_Exception)) throw;  // an interrupt is no missing package
  }
  return std::nullopt;
}

}  // namespace

std::optional<fs::path> find_installed_runtime() {
  const auto package = find_package();
  if (!package) return std::nullopt;
  std::error_code unreadable;
  for (const fs::directory_entry& entry : fs::directory_iterator(*package / "capi", unreadable)) {
    if (is_runtime_library(entry.path().filename().string())) return entry.path();
  }
  return std::nullopt;
}

Runtime load_runtime(const std::optional<fs::path>& requested) {
  const std::optional<fs::path> installed = requested ? std::nullopt : find_installed_runtime();
  return without_gil([&] { return Runtime::load(requested, installed); });
}

}  // namespace ctnas::bindings
