/// \file
/// Vectors of the instructions that the including file is compiled for.
///
/// Nothing of the standard library is used here: its inline functions, compiled for instructions
/// that a processor may lack, could be chosen by the linker for the whole library.
#pragma once

#if defined(CTNAS_PORTABLE_VECTORS)
#include "engine/portable_vectors.hpp"
#else
#include "engine/gnu_vectors.hpp"
#endif

namespace ctnas {
namespace {

#if defined(__AVX512F__)
constexpr std::size_t kLanes = 16;
constexpr std::size_t kRegisterRows = 8;
#elif defined(__AVX2__)
constexpr std::size_t kLanes = 8;
constexpr std::size_t kRegisterRows = 4;
#else
constexpr std::size_t kLanes = 4;
constexpr std::size_t kRegisterRows = 4;
#endif

using Vector = VectorOf<kLanes>::Type;
using Integers = IntegersOf<kLanes>::Type;

template <typename Type>
inline Type load(const float* from) {
  Type vector;
  copy_bytes(&vector, from, sizeof(vector));
  return vector;
}

inline void store(const Vector& vector, float* to) { copy_bytes(to, &vector, sizeof(vector)); }

inline Vector rectify(const Vector& vector) { return select(vector > 0.0F, vector, Vector{}); }

/// Sum of all lanes, halves first.
template <std::size_t lanes>
inline float add_lanes(const typename VectorOf<lanes>::Type& vector) {
  if constexpr (lanes == 1) {
    return vector[0];
  } else {
    using Half = typename VectorOf<lanes / 2>::Type;
    Half halves[2];
    copy_bytes(halves, &vector, sizeof(vector));
    return add_lanes<lanes / 2>(halves[0] + halves[1]);
  }
}

}  // namespace
}  // namespace ctnas
