#include "arrays.hpp"
#include "calls.hpp"
#include "ctnas/dead_nodes.hpp"
#include "registration.hpp"

namespace ctnas::bindings {
namespace {

namespace py = pybind11;

/// V, as the operations [N, V] have it; what is no such array is refused where it is read.
std::size_t count_nodes(const py::object& operations) {
  if (!py::isinstance<py::array>(operations)) return 0;
  const auto array = py::reinterpret_borrow<py::array>(operations);
  return array.ndim() == 2 ? static_cast<std::size_t>(array.shape(1)) : 0;
}

py::tuple without_dead_nodes(const py::object& adjacency, const py::object& operations) {
  const std::size_t nodes = count_nodes(operations);
  const GraphArrays graphs(adjacency, operations, nodes, "");
  const auto rows = static_cast<py::ssize_t>(graphs.rows());
  const auto side = static_cast<py::ssize_t>(nodes);
  py::array_t<std::uint8_t> edges({rows, side, side});
  py::array_t<std::int64_t> names({rows, side});
  const std::span edges_view(edges.mutable_data(), static_cast<std::size_t>(edges.size()));
  const std::span names_view(names.mutable_data(), static_cast<std::size_t>(names.size()));
  if (nodes != 0) {
    without_gil([&] { remove_dead_nodes(graphs.batch(), nodes, edges_view, names_view); });
  }
  return py::make_tuple(edges, names);
}

}  // namespace

void register_dead_nodes(py::module_& module) {
  module.def("without_dead_nodes", &without_dead_nodes, py::arg("adjacency"), py::arg("operations"),
             "Return (adjacency, operations) without nodes on no path from input to output.");
}

}  // namespace ctnas::bindings
