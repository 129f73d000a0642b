#pragma once

#include <cstdint>

namespace ctnas {

/// A bijection of 64 bits whose results look random (the finalizer of SplitMix64).
[[nodiscard]] constexpr std::uint64_t mix_bits(std::uint64_t bits) noexcept {
  bits += 0x9E3779B97F4A7C15ULL;
  bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBULL;
  return bits ^ (bits >> 31U);
}

/// A stream of random numbers for one row of one call: what is drawn for a row does not depend on
/// which thread draws it.
class RandomBits {
 public:
  RandomBits(std::uint64_t seed, std::uint64_t row) noexcept
      : state_(mix_bits(mix_bits(seed) ^ mix_bits(~row))) {}

  [[nodiscard]] std::uint64_t next() noexcept {
    state_ += 0x9E3779B97F4A7C15ULL;
    return mix_bits(state_);
  }

  /// A number in [0, bound); its bias is below bound / 2^32.
  [[nodiscard]] std::uint32_t below(std::uint32_t bound) noexcept {
    return static_cast<std::uint32_t>(((next() >> 32U) * bound) >> 32U);
  }

 private:
  std::uint64_t state_;
};

}  // namespace ctnas
