#include "arrays.hpp"
#include "calls.hpp"
#include "ctnas/path_features.hpp"
#include "registration.hpp"

namespace ctnas::bindings {
namespace {

namespace py = pybind11;

py::tuple path_features(const py::object& adjacency, const py::object& operations,
                        py::ssize_t operation_count, py::ssize_t threads) {
  const py::array ids = require_array<std::int64_t>(operations, {"operations", 2, true});
  const auto nodes = static_cast<std::size_t>(ids.shape(1));
  const GraphArrays graphs(adjacency, operations, nodes, "");
  const std::size_t count = require_count("operation_count", operation_count);
  const std::size_t workers = require_count("threads", threads);
  const std::size_t kinds = count > kFirstOperation ? count - kFirstOperation : 0;
  py::array_t<double> extremes({graphs.rows(), 1 + kinds, std::size_t{2}});
  py::array_t<double> averages({graphs.rows(), std::size_t{3}, kinds});
  const auto most_and_least = writable(extremes);
  const auto means = writable(averages);
  without_gil([&] {
    read_path_features(graphs.batch(), nodes, count, most_and_least, means, workers, signal_poll());
  });
  return py::make_tuple(extremes, averages);
}

}  // namespace

void register_path_features(py::module_& module) {
  module.def("path_features", &path_features, py::arg("adjacency"), py::arg("operations"),
             py::arg("operation_count"), py::arg("threads") = 1,
             "Return what stands on the paths of graphs: extremes [N, 1 + K, 2], averages "
             "[N, 3, K].");
}

}  // namespace ctnas::bindings
