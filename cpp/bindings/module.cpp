#include <pybind11/pybind11.h>

#include "registration.hpp"

PYBIND11_MODULE(_core, module) {
  module.doc() = "The C++ core of ctnas.";
  module.attr("__version__") = CTNAS_VERSION;
#ifdef CTNAS_ENGINE
  module.attr("has_engine") = true;
#else
  module.attr("has_engine") = false;
#endif
  using namespace ctnas::bindings;
  register_errors();
  register_runtime(module);
  register_encoder(module);
  register_pair_session(module);
  register_comparison(module);
  register_selection(module);
  register_spaces(module);
  register_space_text(module);
  register_candidate_pool(module);
  register_win_probability(module);
  register_nasbench101(module);
  register_dead_nodes(module);
  register_learning(module);
  register_graph_features(module);
}
