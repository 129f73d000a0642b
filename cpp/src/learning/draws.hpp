#pragma once

#include <cstddef>
#include <cstdint>

namespace ctnas {

/// Numbers at random that depend on a seed and on how many were drawn before.
/// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : state_(mix(seed + kStep)) {}

  /// Draws of its own for each of several `streams` of one seed.
  Draws(std::uint64_t seed, std::uint64_t stream) : state_(mix(mix(seed + kStep) ^ stream)) {}

  [[nodiscard]] std::uint64_t bits() { return mix(state_ += kStep); }

  /// One of 0 to count - 1; count below 2^32.
  [[nodiscard]] std::uint32_t below(std::size_t count) {
    return static_cast<std::uint32_t>(((bits() >> 32) * count) >> 32);
  }

  /// Sets each number to `value`, or to 0 with probability `dropped` / 65536.
  void keep(float* numbers, std::size_t count, std::uint32_t dropped, float value) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < count; ++i, word >>= 16) {
      if (i % 4 == 0) word = bits();
      numbers[i] = (word & 0xFFFF) < dropped ? 0.0F : value;
    }
  }

 private:
  static constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15;

  static std::uint64_t mix(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
    return x ^ (x >> 31);
  }

  std::uint64_t state_;
};

}  // namespace ctnas
