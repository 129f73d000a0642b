#pragma once

#include <string_view>

namespace ctnas {

/// Where a model runs.
enum class Provider {
  kAuto,  ///< CUDA if it really works here, else the CPU
  kCpu,
  kCuda,  ///< CUDA, or an error that says what is missing
};

/// "auto", "cpu" or "cuda".
[[nodiscard]] std::string_view name(Provider provider) noexcept;

/// The provider of that name.
/// \throws std::invalid_argument
[[nodiscard]] Provider parse_provider(std::string_view text);

}  // namespace ctnas
