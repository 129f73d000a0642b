#include "arrays.hpp"
#include "calls.hpp"
#include "ctnas/selection.hpp"
#include "registration.hpp"

namespace ctnas::bindings {
namespace {

namespace py = pybind11;

py::array_t<std::int64_t> select_confident(const py::object& probability, py::ssize_t k) {
  const RealArray probabilities(probability, "probability");
  const std::size_t count = require_count("k", k);
  return to_array(without_gil([&] { return top_k_confident(probabilities.values(), count); }));
}

py::array_t<std::int64_t> select_best(const py::object& score, py::ssize_t top) {
  const RealArray scores(score, "score");
  const std::size_t count = require_count("top", top);
  return to_array(without_gil([&] { return best_first(scores.values(), count); }));
}

}  // namespace

void register_selection(py::module_& module) {
  module.def("top_k_confident", &select_confident, py::arg("probability"), py::arg("k"),
             "Eq. 9: indices of the k largest abs(p - 0.5), most confident first.");
  module.def("best_first", &select_best, py::arg("score"), py::arg("top"),
             "Indices of the top highest scores, highest first, ties by index.");
}

}  // namespace ctnas::bindings
