#include <exception>

#include "ctnas/error.hpp"
#include "registration.hpp"
#include "text.hpp"

namespace ctnas::bindings {
namespace {

namespace py = pybind11;

void raise(const char* name, const std::exception& error) {
  // Looked up when needed: ctnas.errors need not be importable before the extension is.
  const py::object type = py::module_::import("ctnas.errors").attr(name);
  PyErr_SetObject(type.ptr(), to_str(error.what()).ptr());
}

// The signature is pybind11's.  NOLINTNEXTLINE(performance-unnecessary-value-param)
void translate(std::exception_ptr failure) {
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (const InvalidInput& error) {
    raise("ArchitectureError", error);
  } catch (const ModelError& error) {
    raise("ModelError", error);
  } catch (const ProviderError& error) {
    raise("ProviderError", error);
  } catch (const FileError& error) {
    raise("InputFileError", error);
  }
}

}  // namespace

void register_errors() { py::register_local_exception_translator(translate); }

}  // namespace ctnas::bindings
