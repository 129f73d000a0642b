#include <cstring>

#include "arrays.hpp"
#include "calls.hpp"
#include "ctnas/candidate_pool.hpp"
#include "ctnas/error.hpp"
#include "registration.hpp"

namespace ctnas::bindings {
namespace {

namespace py = pybind11;

std::unique_ptr<CandidatePool> make_pool(const Space& space, const Encoder& encoder,
                                         py::ssize_t keep, std::uint64_t seed, double immigrants,
                                         double crossovers, py::ssize_t threads) {
  CandidatePoolOptions options;
  options.keep = require_count("keep", keep);
  options.seed = seed;
  options.immigrants = immigrants;
  options.crossovers = crossovers;
  options.threads = require_count("threads", threads);
  return std::make_unique<CandidatePool>(space, encoder, options);
}

py::array_t<std::int16_t> row_array(Space::Rows rows, std::size_t width) {
  const std::size_t count = rows.size() / width;
  py::array_t<std::int16_t> array({count, width});
  if (count != 0) std::memcpy(array.mutable_data(), rows.data(), rows.size_bytes());
  return array;
}

/// Asks a Python function which rows int16 [N, T] are allowed; it returns bool [N].
CandidatePool::Mask mask_of(const py::object& function) {
  if (function.is_none()) return {};
  return [function](Space::Rows rows, std::span<std::uint8_t> allowed) {
    const py::gil_scoped_acquire gil;
    const py::object answer = function(row_array(rows, rows.size() / allowed.size()));
    const auto mask = py::array_t<bool, py::array::c_style>::ensure(answer);
    if (!mask || mask.ndim() != 1 || static_cast<std::size_t>(mask.size()) != allowed.size()) {
      throw std::invalid_argument("the mask is not bool [N] for N rows");
    }
    std::copy_n(mask.data(), allowed.size(), allowed.begin());
  };
}

/// The mask must not be destroyed without the GIL.
template <typename Work>
std::size_t masked(const py::object& function, const Work& work) {
  const CandidatePool::Mask mask = mask_of(function);
  return without_gil([&] { return work(mask); });
}

Space::Rows require_rows(const py::array& rows, std::size_t width) {
  if (rows.shape(1) == static_cast<py::ssize_t>(width)) return view<std::int16_t>(rows);
  throw InvalidInput("decisions have " + std::to_string(rows.shape(1)) + " columns: needed " +
                     std::to_string(width));
}

void exclude(CandidatePool& pool, const py::object& decisions) {
  const py::array array = require_array<std::int16_t>(decisions, {"decisions", 2, true});
  const Space::Rows rows = require_rows(array, pool.width());
  without_gil([&] { pool.exclude(rows, signal_poll()); });
}

std::size_t add(CandidatePool& pool, const py::object& decisions, const py::object& mask) {
  const py::array array = require_array<std::int16_t>(decisions, {"decisions", 2, true});
  const Space::Rows rows = require_rows(array, pool.width());
  return masked(mask, [&](const auto& allowed) { return pool.add(rows, allowed, signal_poll()); });
}

std::size_t grow(CandidatePool& pool, py::ssize_t count, const py::object& mask) {
  const std::size_t candidates = require_count("count", count);
  return masked(mask,
                [&](const auto& allowed) { return pool.grow(candidates, allowed, signal_poll()); });
}

std::size_t climb(CandidatePool& pool, py::ssize_t top, const py::object& mask) {
  const std::size_t first = require_count("top", top);
  return masked(mask,
                [&](const auto& allowed) { return pool.climb(first, allowed, signal_poll()); });
}

}  // namespace

void register_candidate_pool(py::module_& module) {
  py::class_<CandidatePool>(module, "CandidatePool", py::is_final(),
                            "The best architectures of all that it has seen, each once.")
      .def(py::init(&make_pool), py::arg("space"), py::arg("encoder"), py::kw_only(),
           py::arg("keep") = 1000, py::arg("seed") = 0, py::arg("immigrants") = 0.1,
           py::arg("crossovers") = 0.2, py::arg("threads") = 0, py::keep_alive<1, 2>(),
           py::keep_alive<1, 3>())
      .def("__len__", &CandidatePool::size)
      .def_property_readonly("seen", &CandidatePool::seen)
      .def_property_readonly(
          "decisions",
          [](const CandidatePool& pool) { return row_array(pool.decisions(), pool.width()); })
      .def_property_readonly("scores",
                             [](const CandidatePool& pool) { return to_array(pool.scores()); })
      .def("exclude", &exclude, py::arg("decisions"), "Never keep architectures of these graphs.")
      .def("add", &add, py::arg("decisions"), py::arg("mask") = py::none(),
           "See rows; return how many of their graphs were new.")
      .def("grow", &grow, py::arg("count"), py::arg("mask") = py::none(),
           "Make and see candidates; return how many of their graphs were new.")
      .def("climb", &climb, py::arg("top"), py::arg("mask") = py::none(),
           "See what differs in one decision from the best until none of it improves.")
      .def(
          "rescore", [](CandidatePool& pool) { without_gil([&] { pool.rescore(signal_poll()); }); },
          "Score what is kept with the encoder's present weights.");
}

}  // namespace ctnas::bindings
