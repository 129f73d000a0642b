#include "arrays.hpp"
#include "calls.hpp"
#include "ctnas/win_probability.hpp"
#include "registration.hpp"

namespace ctnas::bindings {
namespace {

namespace py = pybind11;

using Average = void (*)(const Logits&, std::size_t, std::span<double>, const Poll&);

template <Average average>
py::array_t<double> average_over_batch(const py::object& challenger, const py::object& opponent,
                                       py::ssize_t threads) {
  const RealArray challengers(challenger, "challenger");
  const RealArray opponents(opponent, "opponent");
  const std::size_t workers = require_count("threads", threads);
  py::array_t<double> win_probability(challengers.size());
  const auto result = writable(win_probability);
  without_gil(
      [&] { average({challengers.values(), opponents.values()}, workers, result, signal_poll()); });
  return win_probability;
}

py::array_t<double> average_against(const py::object& challenger, const py::object& opponents,
                                    py::ssize_t threads) {
  const RealArray challengers(challenger, "challenger");
  const RealArray others(opponents, "opponents");
  const std::size_t workers = require_count("threads", threads);
  py::array_t<double> win_probability(challengers.size());
  const auto result = writable(win_probability);
  without_gil([&] {
    mean_win_probability_against(challengers.values(), others.values(), workers, result,
                                 signal_poll());
  });
  return win_probability;
}

}  // namespace

void register_win_probability(py::module_& module) {
  module.def("mean_win_probability", &average_over_batch<mean_win_probability>,
             py::arg("challenger"), py::arg("opponent"), py::arg("threads") = 0,
             "Eq. 5 in linear time, float64 [N].");
  module.def("mean_win_probability_direct", &average_over_batch<mean_win_probability_direct>,
             py::arg("challenger"), py::arg("opponent"), py::arg("threads") = 0,
             "Eq. 5 by its definition, in N^2 steps, float64 [N].");
  module.def("mean_win_probability_against", &average_against, py::arg("challenger"),
             py::arg("opponents"), py::arg("threads") = 0,
             "Mean probability to win against M given opponents, float64 [N].");
}

}  // namespace ctnas::bindings
