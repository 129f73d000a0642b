#include <pybind11/pybind11.h>

#include <cstdint>
#include <string_view>

#include "ctnas/crc32c.hpp"
#include "registration.hpp"

namespace ctnas::bindings {
namespace {

namespace py = pybind11;

std::uint32_t checksum(const py::bytes& data) {
  const std::string_view text = data;
  return crc32c({reinterpret_cast<const unsigned char*>(text.data()), text.size()});
}

}  // namespace

void register_crc32c(py::module_& module) {
  module.def("crc32c", &checksum, py::arg("data"), "The CRC-32C of some bytes.");
}

}  // namespace ctnas::bindings
