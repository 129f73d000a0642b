/// \file
/// Vectors as arrays, for compilers that lack those of GNU C++.
#pragma once

#include <math.h>  // NOLINT(modernize-deprecated-headers): see vectors.hpp

#include <cstddef>
#include <cstdint>

namespace ctnas {
namespace {

/// What a vector of GNU C++ does, lane by lane.  A number beside a vector stands for all lanes.
template <typename Number, std::size_t lanes>
struct ArrayVector {
  Number lane[lanes];

  Number& operator[](std::size_t at) { return lane[at]; }
  const Number& operator[](std::size_t at) const { return lane[at]; }

  template <typename Function>
  static ArrayVector of(const Function& function) {
    ArrayVector result;
    for (std::size_t at = 0; at < lanes; ++at) result.lane[at] = function(at);
    return result;
  }
  static ArrayVector all(Number number) {
    return of([&](std::size_t) { return number; });
  }

  friend ArrayVector operator+(const ArrayVector& a, const ArrayVector& b) {
    return of([&](std::size_t at) { return a.lane[at] + b.lane[at]; });
  }
  friend ArrayVector operator-(const ArrayVector& a, const ArrayVector& b) {
    return of([&](std::size_t at) { return a.lane[at] - b.lane[at]; });
  }
  friend ArrayVector operator*(const ArrayVector& a, const ArrayVector& b) {
    return of([&](std::size_t at) { return a.lane[at] * b.lane[at]; });
  }
  friend ArrayVector operator/(const ArrayVector& a, const ArrayVector& b) {
    return of([&](std::size_t at) { return a.lane[at] / b.lane[at]; });
  }
  friend ArrayVector operator<<(const ArrayVector& a, int bits) {
    return of([&](std::size_t at) { return a.lane[at] << bits; });
  }
  friend ArrayVector operator-(const ArrayVector& a) {
    return of([&](std::size_t at) { return -a.lane[at]; });
  }

  friend ArrayVector operator+(const ArrayVector& a, Number b) { return a + all(b); }
  friend ArrayVector operator-(const ArrayVector& a, Number b) { return a - all(b); }
  friend ArrayVector operator*(const ArrayVector& a, Number b) { return a * all(b); }
  friend ArrayVector operator+(Number a, const ArrayVector& b) { return all(a) + b; }
  friend ArrayVector operator-(Number a, const ArrayVector& b) { return all(a) - b; }
  friend ArrayVector operator*(Number a, const ArrayVector& b) { return all(a) * b; }
  friend ArrayVector operator/(Number a, const ArrayVector& b) { return all(a) / b; }

  template <typename Other>
  ArrayVector& operator+=(const Other& other) {
    return *this = *this + other;
  }
  template <typename Other>
  ArrayVector& operator-=(const Other& other) {
    return *this = *this - other;
  }
  template <typename Other>
  ArrayVector& operator*=(const Other& other) {
    return *this = *this * other;
  }

  using Mask = ArrayVector<std::int32_t, lanes>;

  friend Mask operator>(const ArrayVector& a, Number b) {
    return Mask::of([&](std::size_t at) { return a.lane[at] > b ? -1 : 0; });
  }
  friend Mask operator<(const ArrayVector& a, Number b) {
    return Mask::of([&](std::size_t at) { return a.lane[at] < b ? -1 : 0; });
  }
};

template <std::size_t lanes>
struct VectorOf {
  using Type = ArrayVector<float, lanes>;
};
template <std::size_t lanes>
struct IntegersOf {
  using Type = ArrayVector<std::int32_t, lanes>;
};

/// Lane by lane, a where the mask holds, else b.
template <std::size_t lanes>
inline ArrayVector<float, lanes> select(const ArrayVector<std::int32_t, lanes>& mask,
                                        const ArrayVector<float, lanes>& a,
                                        const ArrayVector<float, lanes>& b) {
  return ArrayVector<float, lanes>::of(
      [&](std::size_t at) { return mask.lane[at] != 0 ? a.lane[at] : b.lane[at]; });
}

inline void copy_bytes(void* to, const void* from, std::size_t count) {
  for (std::size_t at = 0; at < count; ++at) {
    static_cast<unsigned char*>(to)[at] = static_cast<const unsigned char*>(from)[at];
  }
}

inline float square_root(float number) { return sqrtf(number); }

}  // namespace
}  // namespace ctnas
