#include <string>

#include "arrays.hpp"
#include "ctnas/encoder.hpp"
#include "ctnas/model_properties.hpp"
#include "installed_runtime.hpp"
#include "model_argument.hpp"
#include "registration.hpp"
#include "text.hpp"

namespace ctnas::bindings {
namespace {

namespace py = pybind11;

std::unique_ptr<Encoder> make_encoder(const py::object& model, const std::string& provider,
                                      py::ssize_t threads, py::ssize_t chunk) {
  const ScoringOptions options = scoring_options(provider, threads, chunk);
  return open_model<Encoder>(load_runtime(), model, options);
}

py::tuple encode(const Encoder& encoder, const py::object& adjacency,
                 const py::object& operations) {
  const GraphArrays graphs(adjacency, operations, encoder.nodes(), "");
  const auto rows = static_cast<py::ssize_t>(graphs.rows());
  py::array_t<float> challenger_logit(rows);
  py::array_t<float> opponent_logit(rows);
  const auto challenger = writable(challenger_logit);
  const auto opponent = writable(opponent_logit);
  without_gil([&] { encoder.encode(graphs.batch(), challenger, opponent, signal_poll()); });
  return py::make_tuple(challenger_logit, opponent_logit);
}

void refresh(Encoder& encoder, const py::bytes& model) {
  const auto view = bytes_view(model);
  without_gil([&] { encoder.refresh(view); });
}

void check_same_weights(const py::object& directory) {
  const auto text = py::module_::import("os").attr("fspath")(directory);
  const std::filesystem::path path = py::cast<std::string>(text);
  without_gil([&] { require_same_weights(path); });
}

}  // namespace

void register_encoder(py::module_& module) {
  py::class_<Encoder>(module, "Encoder", py::is_final(),
                      "Turns architectures into logits with an exported ranker.onnx.")
      .def(py::init(&make_encoder), py::arg("model"), py::kw_only(), py::arg("provider") = "auto",
           py::arg("threads") = 0, py::arg("chunk") = 0)
      .def_property_readonly("nodes", &Encoder::nodes)
      .def_property_readonly("vocabulary_size", &Encoder::vocabulary_size)
      .def_property_readonly("metadata",
                             [](const Encoder& encoder) { return to_dict(encoder.metadata()); })
      .def_property_readonly("provider",
                             [](const Encoder& encoder) { return name(encoder.provider()); })
      .def_property_readonly(
          "provider_reason",
          [](const Encoder& encoder) { return to_str(encoder.provider_reason()); })
      .def_property_readonly("engine",
                             [](const Encoder& encoder) { return to_str(encoder.engine()); })
      .def_property_readonly("threads", &Encoder::threads)
      .def("encode", &encode, py::arg("adjacency"), py::arg("operations"),
           "Return (challenger_logit, opponent_logit), float32 [N] each.")
      .def("refresh", &refresh, py::arg("model"), "Go over to a model with other weights.");
  module.def("require_same_weights", &check_same_weights, py::arg("directory"),
             "Refuse a directory whose two models are of different comparators.");
}

}  // namespace ctnas::bindings
