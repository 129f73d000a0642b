#pragma once

#include <functional>

namespace ctnas {

/// Called every few milliseconds by long computations, always on the thread that started them.
/// What it throws ends the computation and reaches the caller.  Empty: never called.
using Poll = std::function<void()>;

}  // namespace ctnas
