/// \file
/// NumPy arrays at the border: what comes in is checked, never converted.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ctnas/graph_batch.hpp"

namespace ctnas::bindings {

/// Raised to Python as ValueError, or as ArchitectureError where an array stands for architectures.
struct ArrayNeed {
  const char* name;
  pybind11::ssize_t rank;
  bool is_architecture = false;
};

/// An argument as an array of exactly the element type and rank that are needed.
/// \throws pybind11::type_error, std::invalid_argument, InvalidInput
template <typename Element>
[[nodiscard]] pybind11::array require_array(pybind11::handle object, const ArrayNeed& need);

template <typename Element>
[[nodiscard]] std::span<const Element> view(const pybind11::array& array) {
  return {static_cast<const Element*>(array.data()), static_cast<std::size_t>(array.size())};
}

/// Architecture graphs whose arrays fit each other and a model with graphs of `nodes` nodes.
class GraphArrays {
 public:
  GraphArrays(pybind11::handle adjacency, pybind11::handle operations, std::size_t nodes,
              const std::string& suffix);

  [[nodiscard]] std::size_t rows() const { return static_cast<std::size_t>(operations_.shape(0)); }
  [[nodiscard]] GraphBatch batch() const {
    return {view<std::uint8_t>(adjacency_), view<std::int64_t>(operations_)};
  }

 private:
  pybind11::array adjacency_;
  pybind11::array operations_;
};

/// Numbers that may come as float32 or float64.
class RealArray {
 public:
  RealArray(pybind11::handle object, const char* name);

  [[nodiscard]] std::span<const double> values() const { return values_; }
  [[nodiscard]] pybind11::ssize_t size() const {
    return static_cast<pybind11::ssize_t>(values_.size());
  }

 private:
  pybind11::array array_;
  std::vector<double> converted_;
  std::span<const double> values_;
};

template <typename Element>
[[nodiscard]] std::span<Element> writable(pybind11::array_t<Element>& array) {
  return {array.mutable_data(), static_cast<std::size_t>(array.size())};
}

template <typename Element>
[[nodiscard]] pybind11::array_t<Element> to_array(const std::vector<Element>& values) {
  return pybind11::array_t<Element>(static_cast<pybind11::ssize_t>(values.size()), values.data());
}

}  // namespace ctnas::bindings
