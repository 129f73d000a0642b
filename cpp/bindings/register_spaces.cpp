#include <pybind11/stl.h>

#include <tuple>
#include <utility>
#include <vector>

#include "arrays.hpp"
#include "calls.hpp"
#include "ctnas/error.hpp"
#include "ctnas/space.hpp"
#include "registration.hpp"
#include "space_arguments.hpp"

namespace ctnas::bindings {
namespace {

namespace py = pybind11;

using Table = std::pair<std::vector<std::uint32_t>, std::vector<std::int32_t>>;
using Node = std::pair<std::uint32_t, std::int32_t>;
using Edge = std::tuple<std::uint32_t, std::uint32_t, std::vector<std::uint32_t>>;

Space make_space(std::vector<std::int16_t> choices, const std::vector<Table>& tables,
                 const std::vector<Node>& nodes, const std::vector<Edge>& edges,
                 const std::vector<Conditional>& active, bool nasbench101_cells,
                 const std::vector<std::vector<Condition>>& forbidden, std::int64_t most_edges) {
  SpaceTables all;
  all.choices = std::move(choices);
  for (const auto& [table, decision] : nodes) all.nodes.push_back({table, decision});
  all.has_nasbench101_cells = nasbench101_cells;
  for (const auto& [decisions, values] : tables) all.tables.push_back({decisions, values});
  for (const auto& [source, target, conditions] : edges) {
    all.edges.push_back({source, target, conditions});
  }
  all.active = to_active(active);
  all.constraints = to_constraints(forbidden, most_edges);
  return Space(all);
}

/// Rows of decisions that fit a space.
class RowArray {
 public:
  RowArray(const Space& space, const py::object& object, const char* name = "decisions")
      : array_(require_array<std::int16_t>(object, {name, 2, true})) {
    if (array_.shape(1) == static_cast<py::ssize_t>(space.decisions())) return;
    throw InvalidInput(std::string(name) + " have " + std::to_string(array_.shape(1)) +
                       " columns: needed " + std::to_string(space.decisions()));
  }
  [[nodiscard]] py::ssize_t rows() const { return array_.shape(0); }
  [[nodiscard]] Space::Rows values() const { return view<std::int16_t>(array_); }

 private:
  py::array array_;
};

/// A new array of rows of a space, filled by `fill(values)` without the GIL.
template <typename Element, typename Fill>
py::array_t<Element> filled(const Space& space, py::ssize_t rows, const Fill& fill) {
  py::array_t<Element> array({rows, static_cast<py::ssize_t>(space.decisions())});
  const auto values = writable(array);
  without_gil([&] { fill(values); });
  return array;
}

py::array activity(const Space& space, const py::object& decisions, py::ssize_t threads) {
  const RowArray rows(space, decisions);
  const std::size_t workers = require_count("threads", threads);
  return filled<std::uint8_t>(space, rows.rows(), [&](auto active) {
    space.activity(rows.values(), active, workers, signal_poll());
  });
}

py::array canonical(const Space& space, const py::object& decisions, py::ssize_t threads) {
  const RowArray rows(space, decisions);
  const std::size_t workers = require_count("threads", threads);
  return filled<std::int16_t>(space, rows.rows(), [&](auto values) {
    space.canonical(rows.values(), values, workers, signal_poll());
  });
}

py::tuple graphs(const Space& space, const py::object& decisions, py::ssize_t threads) {
  const RowArray rows(space, decisions);
  const std::size_t workers = require_count("threads", threads);
  const auto side = static_cast<py::ssize_t>(space.nodes());
  py::array_t<std::uint8_t> adjacency({rows.rows(), side, side});
  py::array_t<std::int64_t> operations({rows.rows(), side});
  const auto edges = writable(adjacency);
  const auto ids = writable(operations);
  without_gil([&] { space.graphs(rows.values(), edges, ids, workers, signal_poll()); });
  return py::make_tuple(adjacency, operations);
}

py::array hashes(const Space& space, const py::object& decisions, py::ssize_t threads) {
  const RowArray rows(space, decisions);
  const std::size_t workers = require_count("threads", threads);
  py::array_t<std::uint64_t> array(rows.rows());
  const auto values = writable(array);
  without_gil([&] { space.hashes(rows.values(), values, workers, signal_poll()); });
  return array;
}

py::array allowed(const Space& space, const py::object& decisions, py::ssize_t threads) {
  const RowArray rows(space, decisions);
  const std::size_t workers = require_count("threads", threads);
  py::array_t<std::uint8_t> array(rows.rows());
  const auto values = writable(array);
  without_gil([&] { space.allowed(rows.values(), values, workers, signal_poll()); });
  return array.attr("view")("bool");
}

py::array mutants(const Space& space, const py::object& parents, std::uint64_t seed,
                  py::ssize_t threads) {
  const RowArray rows(space, parents, "parents");
  const std::size_t workers = require_count("threads", threads);
  return filled<std::int16_t>(space, rows.rows(), [&](auto values) {
    space.mutants(rows.values(), seed, values, workers, signal_poll());
  });
}

py::array crossovers(const Space& space, const py::object& first, const py::object& second,
                     std::uint64_t seed, py::ssize_t threads) {
  const RowArray one(space, first, "first");
  const RowArray other(space, second, "second");
  const std::size_t workers = require_count("threads", threads);
  return filled<std::int16_t>(space, one.rows(), [&](auto values) {
    space.crossovers(one.values(), other.values(), seed, values, workers, signal_poll());
  });
}

py::array sample(const Space& space, py::ssize_t count, std::uint64_t seed, py::ssize_t threads) {
  const std::size_t workers = require_count("threads", threads);
  const auto rows = static_cast<py::ssize_t>(require_count("count", count));
  return filled<std::int16_t>(
      space, rows, [&](auto values) { space.sample(seed, values, workers, signal_poll()); });
}

}  // namespace

void register_spaces(py::module_& module) {
  py::class_<Space>(module, "Space", py::is_final(), "A search space as tables, run on batches.")
      .def(py::init(&make_space), py::arg("choices"), py::arg("tables"), py::arg("nodes"),
           py::arg("edges"), py::arg("active"), py::arg("nasbench101_cells") = false,
           py::arg("forbidden") = py::list(), py::arg("most_edges") = -1)
      .def_property_readonly("nodes", &Space::nodes)
      .def_property_readonly("decisions", &Space::decisions)
      .def("activity", &activity, py::arg("decisions"), py::arg("threads") = 0,
           "Return which decisions matter, uint8 [N, T].")
      .def("canonical", &canonical, py::arg("decisions"), py::arg("threads") = 0,
           "Return rows of which equal ones have the same text, int16 [N, T].")
      .def("graphs", &graphs, py::arg("decisions"), py::arg("threads") = 0,
           "Return graphs without dead nodes, uint8 [N, V, V] and int64 [N, V].")
      .def("allowed", &allowed, py::arg("decisions"), py::arg("threads") = 0,
           "Return which rows keep the constraints, bool [N].")
      .def("hashes", &hashes, py::arg("decisions"), py::arg("threads") = 0,
           "Return 64 bits of each graph, uint64 [N].")
      .def("mutants", &mutants, py::arg("parents"), py::arg("seed"), py::arg("threads") = 0,
           "Return canonical rows in which one decision was changed, int16 [N, T].")
      .def("crossovers", &crossovers, py::arg("first"), py::arg("second"), py::arg("seed"),
           py::arg("threads") = 0, "Return canonical children of pairs of rows, int16 [N, T].")
      .def("sample", &sample, py::arg("count"), py::arg("seed"), py::arg("threads") = 0,
           "Return canonical rows in which every decision is uniform, int16 [N, T].");
}

}  // namespace ctnas::bindings
