#pragma once

#include <pybind11/pybind11.h>

#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

#include "calls.hpp"
#include "ctnas/runtime.hpp"
#include "ctnas/scoring_options.hpp"

namespace ctnas::bindings {

[[nodiscard]] inline std::span<const std::byte> bytes_view(const pybind11::bytes& bytes) {
  const std::string_view text = bytes;
  return std::as_bytes(std::span(text));
}

[[nodiscard]] inline ScoringOptions scoring_options(std::string_view provider,
                                                    pybind11::ssize_t threads = 0,
                                                    pybind11::ssize_t chunk = 0) {
  return {parse_provider(provider), require_count("threads", threads),
          require_count("chunk", chunk)};
}

/// Makes a Model from the bytes of an ONNX file or from its path.
template <typename Model>
[[nodiscard]] std::unique_ptr<Model> open_model(Runtime runtime, const pybind11::object& model,
                                                const ScoringOptions& options) {
  if (pybind11::isinstance<pybind11::bytes>(model)) {
    const auto view = bytes_view(pybind11::bytes(model));
    return without_gil([&] { return std::make_unique<Model>(runtime, view, options); });
  }
  const auto text = pybind11::module_::import("os").attr("fspath")(model);
  const std::filesystem::path path = pybind11::cast<std::string>(text);
  return without_gil([&] { return std::make_unique<Model>(runtime, path, options); });
}

}  // namespace ctnas::bindings
