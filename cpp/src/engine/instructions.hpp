#pragma once

namespace ctnas {

/// Sets of vector instructions that loops are compiled for, each of which contains those before.
enum class Instructions {
  kBaseline,  ///< what every processor of the platform can run
  kAvx2,      ///< with fused multiply-add
  kAvx512,
};

/// The largest set that both this processor and this build have.
[[nodiscard]] Instructions runnable_instructions() noexcept;

}  // namespace ctnas
