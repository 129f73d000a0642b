#pragma once

#include <cmath>

namespace ctnas {

/// 1 / (1 + e^-x); 0 and 1 far out, where e^-x is infinite or nothing.
[[nodiscard]] inline double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

}  // namespace ctnas
