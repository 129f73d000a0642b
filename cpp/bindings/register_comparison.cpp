#include "arrays.hpp"
#include "calls.hpp"
#include "ctnas/comparison.hpp"
#include "registration.hpp"

namespace ctnas::bindings {
namespace {

namespace py = pybind11;

/// The four arrays that describe pairs among architectures.
class PairArrays {
 public:
  PairArrays(py::handle challenger, py::handle opponent, py::handle first, py::handle second)
      : challenger_(challenger, "challenger"),
        opponent_(opponent, "opponent"),
        first_(require_array<std::int64_t>(first, {"first", 1})),
        second_(require_array<std::int64_t>(second, {"second", 1})) {}

  [[nodiscard]] Logits logits() const { return {challenger_.values(), opponent_.values()}; }
  [[nodiscard]] Pairs pairs() const {
    return {view<std::int64_t>(first_), view<std::int64_t>(second_)};
  }

 private:
  RealArray challenger_;
  RealArray opponent_;
  py::array first_;
  py::array second_;
};

py::array_t<double> compare_all(const py::object& challenger, const py::object& opponent) {
  const RealArray challengers(challenger, "challenger");
  const RealArray opponents(opponent, "opponent");
  py::array_t<double> probability(challengers.size());
  const auto result = writable(probability);
  without_gil([&] { compare({challengers.values(), opponents.values()}, result); });
  return probability;
}

py::array_t<double> compare_pairs(const py::object& challenger, const py::object& opponent,
                                  const py::object& first, const py::object& second) {
  const PairArrays arrays(challenger, opponent, first, second);
  py::array_t<double> probability(static_cast<py::ssize_t>(arrays.pairs().first.size()));
  const auto result = writable(probability);
  without_gil([&] { pair_probability(arrays.logits(), arrays.pairs(), result); });
  return probability;
}

py::tuple explore(const py::object& challenger, const py::object& opponent, const py::object& first,
                  const py::object& second, py::ssize_t k) {
  const PairArrays arrays(challenger, opponent, first, second);
  const std::size_t count = require_count("k", k);
  const SelectedPairs selected =
      without_gil([&] { return explore_pairs(arrays.logits(), arrays.pairs(), count); });
  return py::make_tuple(to_array(selected.index), to_array(selected.probability));
}

}  // namespace

void register_comparison(py::module_& module) {
  module.def("compare", &compare_all, py::arg("challenger"), py::arg("opponent"),
             "P(challenger n better than opponent n), float64 [N].");
  module.def("pair_probability", &compare_pairs, py::arg("challenger"), py::arg("opponent"),
             py::arg("first"), py::arg("second"), "P(first better than second), float64 [P].");
  module.def("explore_pairs", &explore, py::arg("challenger"), py::arg("opponent"),
             py::arg("first"), py::arg("second"), py::arg("k"),
             "Alg. 3: (indices, probabilities) of the k most confident pairs.");
}

}  // namespace ctnas::bindings
