#include <pybind11/stl.h>

#include <algorithm>
#include <string_view>
#include <tuple>
#include <vector>

#include "arrays.hpp"
#include "calls.hpp"
#include "ctnas/space_text.hpp"
#include "registration.hpp"
#include "space_arguments.hpp"
#include "text.hpp"

namespace ctnas::bindings {
namespace {

namespace py = pybind11;

using Decision = std::tuple<std::string, std::vector<std::string>, std::vector<double>>;

SpaceText make_text(const std::vector<Decision>& decisions, const std::vector<Conditional>& active,
                    const std::string& pattern, bool nasbench101_cells) {
  TextForm form;
  for (const auto& [name, choices, numbers] : decisions) {
    form.decisions.push_back({name, choices, numbers});
  }
  form.active = to_active(active);
  form.pattern = pattern;
  form.has_nasbench101_cells = nasbench101_cells;
  return SpaceText(form);
}

/// The texts of a list, which must outlive them; what is no UTF-8 is an empty text.
std::vector<std::string_view> views_of_list(const py::list& list) {
  std::vector<std::string_view> views;
  views.reserve(list.size());
  for (const py::handle item : list) {
    if (!py::isinstance<py::str>(item)) throw py::type_error("texts must be a list of str");
    py::ssize_t size = 0;
    const char* const text = PyUnicode_AsUTF8AndSize(item.ptr(), &size);
    if (text == nullptr) PyErr_Clear();
    views.emplace_back(text == nullptr ? "" : text, static_cast<std::size_t>(size));
  }
  return views;
}

/// The texts of an Arrow array: text n is bytes [offsets[n], offsets[n + 1]).
std::vector<std::string_view> views_of_bytes(std::span<const std::uint8_t> bytes,
                                             std::span<const std::int64_t> offsets) {
  std::vector<std::string_view> views;
  for (std::size_t at = 0; at + 1 < offsets.size(); ++at) {
    const bool is_inside = offsets[at] >= 0 && offsets[at] <= offsets[at + 1] &&
                           static_cast<std::uint64_t>(offsets[at + 1]) <= bytes.size();
    if (!is_inside) throw std::invalid_argument("offsets do not ascend within the bytes");
    views.emplace_back(reinterpret_cast<const char*>(bytes.data()) + offsets[at],
                       static_cast<std::size_t>(offsets[at + 1] - offsets[at]));
  }
  return views;
}

py::tuple parse_views(const SpaceText& form, std::span<const std::string_view> texts,
                      std::size_t threads) {
  py::array_t<std::int16_t> array({texts.size(), form.decisions()});
  const auto rows = writable(array);
  const std::vector<std::size_t> unread =
      without_gil([&] { return form.parse(texts, rows, threads, signal_poll()); });
  const std::vector<std::int64_t> places(unread.begin(), unread.end());
  return py::make_tuple(array, to_array(places));
}

py::tuple parse(const SpaceText& form, const py::list& texts, py::ssize_t threads) {
  return parse_views(form, views_of_list(texts), require_count("threads", threads));
}

py::tuple parse_bytes(const SpaceText& form, const py::object& bytes, const py::object& offsets,
                      py::ssize_t threads) {
  const py::array text = require_array<std::uint8_t>(bytes, {"utf8", 1});
  const py::array places = require_array<std::int64_t>(offsets, {"offsets", 1});
  return parse_views(form, views_of_bytes(view<std::uint8_t>(text), view<std::int64_t>(places)),
                     require_count("threads", threads));
}

py::array parse_one(const SpaceText& form, const std::string& text) {
  std::vector<std::int16_t> row(form.decisions());
  form.parse(text, row);
  return to_array(row);
}

py::list format(const SpaceText& form, const py::object& decisions, py::ssize_t threads) {
  const py::array array = require_array<std::int16_t>(decisions, {"decisions", 2, true});
  if (array.shape(1) != static_cast<py::ssize_t>(form.decisions())) {
    throw std::invalid_argument("decisions have another number of columns");
  }
  const std::size_t workers = require_count("threads", threads);
  const std::vector<std::string> texts =
      without_gil([&] { return form.format(view<std::int16_t>(array), workers, signal_poll()); });
  py::list list(texts.size());
  for (std::size_t at = 0; at < texts.size(); ++at) list[at] = to_str(texts[at]);
  return list;
}

}  // namespace

void register_space_text(py::module_& module) {
  py::class_<SpaceText>(module, "SpaceText", py::is_final(),
                        "Rows of decisions as texts, and back.")
      .def(py::init(&make_text), py::arg("decisions"), py::arg("active"), py::arg("pattern") = "",
           py::arg("nasbench101_cells") = false)
      .def("parse", &parse, py::arg("texts"), py::arg("threads") = 0,
           "Return rows int16 [N, T] and the places of texts that cannot be read.")
      .def("parse_bytes", &parse_bytes, py::arg("utf8"), py::arg("offsets"), py::arg("threads") = 0,
           "The same of UTF-8 and where each text begins in it.")
      .def("parse_one", &parse_one, py::arg("text"), "Return the row int16 [T] of one text.")
      .def("format", &format, py::arg("decisions"), py::arg("threads") = 0,
           "Return one text a row.");
}

}  // namespace ctnas::bindings
