/// \file
/// The loops as compilers without the vectors of GNU C++ build them.
#pragma once

#include "engine/kernels.hpp"
#include "learning/learning_kernels.hpp"

namespace ctnas::testing {

[[nodiscard]] const Kernels& portable_kernels() noexcept;
[[nodiscard]] const LearningKernels& portable_learning_kernels() noexcept;

}  // namespace ctnas::testing
