#pragma once

#include <pybind11/pybind11.h>

namespace ctnas::bindings {

void register_errors();
void register_runtime(pybind11::module_& module);
void register_encoder(pybind11::module_& module);
void register_pair_session(pybind11::module_& module);
void register_candidate_pool(pybind11::module_& module);
void register_comparison(pybind11::module_& module);
void register_selection(pybind11::module_& module);
void register_spaces(pybind11::module_& module);
void register_space_text(pybind11::module_& module);
void register_win_probability(pybind11::module_& module);
void register_nasbench101(pybind11::module_& module);
void register_dead_nodes(pybind11::module_& module);
void register_learning(pybind11::module_& module);
void register_graph_features(pybind11::module_& module);

}  // namespace ctnas::bindings
