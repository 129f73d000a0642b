/// \file
/// What a session says about its model.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/runtime_state.hpp"
#include "runtime/session.hpp"

namespace ctnas {

[[nodiscard]] std::vector<TensorType> describe_inputs(const Runtime::State& runtime,
                                                      const abi::Session* session);
[[nodiscard]] std::vector<TensorType> describe_outputs(const Runtime::State& runtime,
                                                       const abi::Session* session);
[[nodiscard]] std::map<std::string, std::string> read_metadata(const Runtime::State& runtime,
                                                               const abi::Session* session);

}  // namespace ctnas
