#include "arrays.hpp"
#include "calls.hpp"
#include "ctnas/graph_features.hpp"
#include "registration.hpp"

namespace ctnas::bindings {
namespace {

namespace py = pybind11;

py::tuple graph_features(const py::object& adjacency, const py::object& operations,
                         py::ssize_t operation_count, py::ssize_t threads) {
  const py::array ids = require_array<std::int64_t>(operations, {"operations", 2, true});
  const auto nodes = static_cast<std::size_t>(ids.shape(1));
  const GraphArrays graphs(adjacency, operations, nodes, "");
  const std::size_t count = require_count("operation_count", operation_count);
  const std::size_t workers = require_count("threads", threads);
  const GraphFeatureSizes sizes = graph_feature_sizes(count);
  py::array_t<double> structure({graphs.rows(), sizes.structure});
  py::array_t<double> averages({graphs.rows(), sizes.averages});
  const auto read = writable(structure);
  const auto means = writable(averages);
  without_gil([&] {
    read_graph_features(graphs.batch(), nodes, count, read, means, workers, signal_poll());
  });
  return py::make_tuple(structure, averages);
}

}  // namespace

void register_graph_features(py::module_& module) {
  module.def("graph_features", &graph_features, py::arg("adjacency"), py::arg("operations"),
             py::arg("operation_count"), py::arg("threads") = 1,
             "Return what is read off graphs: structure [N, 5 + 5 T + T^2 + 2 K], averages "
             "[N, 3 K].");
}

}  // namespace ctnas::bindings
