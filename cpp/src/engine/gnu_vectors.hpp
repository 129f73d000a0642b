/// \file
/// The vectors that GCC and Clang compile to registers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ctnas {
namespace {

template <std::size_t lanes>
struct VectorOf {
  using Type [[gnu::vector_size(lanes * sizeof(float))]] = float;
};
template <std::size_t lanes>
struct IntegersOf {
  using Type [[gnu::vector_size(lanes * sizeof(std::int32_t))]] = std::int32_t;
};

/// Lane by lane, a where the mask holds, else b.
template <typename Mask, typename Type>
inline Type select(const Mask& mask, const Type& a, const Type& b) {
  return mask ? a : b;
}

inline void copy_bytes(void* to, const void* from, std::size_t count) {
  __builtin_memcpy(to, from, count);
}

inline float square_root(float number) { return __builtin_sqrtf(number); }

}  // namespace
}  // namespace ctnas
