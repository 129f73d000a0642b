#include "arrays.hpp"

#include <stdexcept>

#include "ctnas/error.hpp"

namespace ctnas::bindings {
namespace {

namespace py = pybind11;

template <typename Element>
std::string dtype_name() {
  return py::str(py::dtype::of<Element>());
}

std::string format_shape(const py::array& array) { return py::str(py::tuple(array.attr("shape"))); }

[[noreturn]] void refuse(const ArrayNeed& need, const std::string& text) {
  const std::string message = std::string(need.name) + " " + text;
  if (need.is_architecture) throw InvalidInput(message);
  throw std::invalid_argument(message);
}

py::array require_plain_array(py::handle object, const ArrayNeed& need) {
  if (!py::isinstance<py::array>(object)) {
    throw py::type_error(std::string(need.name) + " is a " +
                         std::string(py::str(py::type::handle_of(object).attr("__name__"))) +
                         ": needed a numpy array");
  }
  auto array = py::reinterpret_borrow<py::array>(object);
  if (array.ndim() != need.rank) {
    refuse(need, "has shape " + format_shape(array) + ": needed " + std::to_string(need.rank) +
                     (need.rank == 1 ? " dimension" : " dimensions"));
  }
  constexpr int kAligned = py::detail::npy_api::NPY_ARRAY_ALIGNED_;
  if ((array.flags() & py::array::c_style) == 0 || (array.flags() & kAligned) == 0) {
    refuse(need, "is not contiguous in memory: pass numpy.ascontiguousarray(" +
                     std::string(need.name) + ")");
  }
  return array;
}

}  // namespace

template <typename Element>
py::array require_array(py::handle object, const ArrayNeed& need) {
  py::array array = require_plain_array(object, need);
  if (!py::isinstance<py::array_t<Element>>(array)) {
    refuse(need, "has dtype " + std::string(py::str(array.dtype())) + ": needed " +
                     dtype_name<Element>());
  }
  return array;
}

template py::array require_array<std::int16_t>(py::handle, const ArrayNeed&);
template py::array require_array<std::int64_t>(py::handle, const ArrayNeed&);
template py::array require_array<std::uint8_t>(py::handle, const ArrayNeed&);
template py::array require_array<double>(py::handle, const ArrayNeed&);
template py::array require_array<float>(py::handle, const ArrayNeed&);

GraphArrays::GraphArrays(py::handle adjacency, py::handle operations, std::size_t nodes,
                         const std::string& suffix) {
  const std::string adjacency_name = "adjacency" + suffix;
  const std::string operations_name = "operations" + suffix;
  const ArrayNeed adjacency_need{adjacency_name.c_str(), 3, true};
  const ArrayNeed operations_need{operations_name.c_str(), 2, true};
  adjacency_ = require_array<std::uint8_t>(adjacency, adjacency_need);
  operations_ = require_array<std::int64_t>(operations, operations_need);
  const auto side = static_cast<py::ssize_t>(nodes);
  const std::string v = std::to_string(nodes);
  if (adjacency_.shape(1) != side || adjacency_.shape(2) != side) {
    refuse(adjacency_need,
           "has shape " + format_shape(adjacency_) + ": needed (N, " + v + ", " + v + ")");
  }
  if (operations_.shape(1) != side) {
    refuse(operations_need, "has shape " + format_shape(operations_) + ": needed (N, " + v + ")");
  }
  if (adjacency_.shape(0) != operations_.shape(0)) {
    refuse(operations_need, "has " + std::to_string(operations_.shape(0)) + " rows and " +
                                adjacency_name + " " + std::to_string(adjacency_.shape(0)) +
                                ": needed as many");
  }
}

RealArray::RealArray(py::handle object, const char* name)
    : array_(require_plain_array(object, {name, 1})) {
  if (py::isinstance<py::array_t<double>>(array_)) {
    values_ = view<double>(array_);
    return;
  }
  if (!py::isinstance<py::array_t<float>>(array_)) {
    refuse({name, 1},
           "has dtype " + std::string(py::str(array_.dtype())) + ": needed float32 or float64");
  }
  const auto narrow = view<float>(array_);
  converted_.assign(narrow.begin(), narrow.end());
  values_ = converted_;
}

}  // namespace ctnas::bindings
