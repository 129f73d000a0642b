#include <string>

#include "arrays.hpp"
#include "ctnas/error.hpp"
#include "ctnas/pair_session.hpp"
#include "installed_runtime.hpp"
#include "model_argument.hpp"
#include "registration.hpp"
#include "text.hpp"

namespace ctnas::bindings {
namespace {

namespace py = pybind11;

std::unique_ptr<PairSession> make_session(const py::object& model, const std::string& provider) {
  const ScoringOptions options = scoring_options(provider);
  return open_model<PairSession>(load_runtime(), model, options);
}

py::array_t<float> compare(const PairSession& session, const py::object& adjacency_a,
                           const py::object& operations_a, const py::object& adjacency_b,
                           const py::object& operations_b) {
  const GraphArrays a(adjacency_a, operations_a, session.nodes(), "_a");
  const GraphArrays b(adjacency_b, operations_b, session.nodes(), "_b");
  if (a.rows() != b.rows()) {
    throw InvalidInput("there are " + std::to_string(a.rows()) + " architectures a and " +
                       std::to_string(b.rows()) + " b: needed as many");
  }
  py::array_t<float> probability(static_cast<py::ssize_t>(a.rows()));
  const auto result = writable(probability);
  without_gil([&] { session.compare(a.batch(), b.batch(), result, signal_poll()); });
  return probability;
}

}  // namespace

void register_pair_session(py::module_& module) {
  py::class_<PairSession>(module, "PairSession", py::is_final(),
                          "Compares pairs with an exported comparator.onnx, one run a pair.")
      .def(py::init(&make_session), py::arg("model"), py::kw_only(), py::arg("provider") = "auto")
      .def_property_readonly("nodes", &PairSession::nodes)
      .def_property_readonly("vocabulary_size", &PairSession::vocabulary_size)
      .def_property_readonly("metadata",
                             [](const PairSession& session) { return to_dict(session.metadata()); })
      .def_property_readonly("provider",
                             [](const PairSession& session) { return name(session.provider()); })
      .def_property_readonly(
          "provider_reason",
          [](const PairSession& session) { return to_str(session.provider_reason()); })
      .def("compare", &compare, py::arg("adjacency_a"), py::arg("operations_a"),
           py::arg("adjacency_b"), py::arg("operations_b"),
           "Return P(a better than b), float32 [N].");
}

}  // namespace ctnas::bindings
