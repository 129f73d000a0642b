#pragma once

#include <pybind11/pybind11.h>

#include <map>
#include <string>
#include <string_view>

namespace ctnas::bindings {

/// Text for Python.  A corrupt model may hold text that is not UTF-8: that is shown, not raised.
[[nodiscard]] inline pybind11::str to_str(std::string_view text) {
  PyObject* decoded = PyUnicode_DecodeUTF8(text.data(), static_cast<pybind11::ssize_t>(text.size()),
                                           "backslashreplace");
  if (decoded == nullptr) throw pybind11::error_already_set();
  return pybind11::reinterpret_steal<pybind11::str>(decoded);
}

[[nodiscard]] inline pybind11::dict to_dict(const std::map<std::string, std::string>& entries) {
  pybind11::dict result;
  for (const auto& [key, value] : entries) result[to_str(key)] = to_str(value);
  return result;
}

}  // namespace ctnas::bindings
