#include <pybind11/stl.h>

#include <optional>
#include <string>

#include "installed_runtime.hpp"
#include "registration.hpp"

namespace ctnas::bindings {

namespace py = pybind11;

void register_runtime(py::module_& module) {
  module.def(
      "load_runtime",
      [](const std::optional<std::string>& path) {
        return load_runtime(path ? std::optional<std::filesystem::path>(*path) : std::nullopt)
            .version();
      },
      py::arg("path") = py::none(),
      "Load ONNX Runtime, unless that has been done, and return its version.");
  module.def(
      "installed_runtime",
      []() -> std::optional<std::string> {
        const auto library = find_installed_runtime();
        return library ? std::optional(library->string()) : std::nullopt;
      },
      "The library of the installed package onnxruntime, or None; it is not loaded.");
  module.def(
      "available_providers", [] { return load_runtime().available_providers(); },
      "Providers that ONNX Runtime was compiled with; one may still not work here.");
}

}  // namespace ctnas::bindings
