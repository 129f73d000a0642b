/// \file
/// How every call crosses the border between Python and the library.
#pragma once

#include <pybind11/pybind11.h>

#include <cstddef>
#include <stdexcept>
#include <string>

#include "ctnas/poll.hpp"

namespace ctnas::bindings {

/// Lets Ctrl-C and other signals end a computation that runs without the GIL.
[[nodiscard]] inline Poll signal_poll() {
  return [] {
    const pybind11::gil_scoped_acquire gil;
    if (PyErr_CheckSignals() != 0) throw pybind11::error_already_set();
  };
}

/// Does work without the GIL.
template <typename Work>
decltype(auto) without_gil(const Work& work) {
  const pybind11::gil_scoped_release release;
  return work();
}

/// An argument that counts something.
[[nodiscard]] inline std::size_t require_count(const char* name, pybind11::ssize_t value) {
  if (value >= 0) return static_cast<std::size_t>(value);
  throw std::invalid_argument(std::string(name) + " is " + std::to_string(value) +
                              ": needed 0 or more");
}

}  // namespace ctnas::bindings
