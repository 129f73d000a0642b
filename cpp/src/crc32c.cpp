#include "ctnas/crc32c.hpp"

#include <array>
#include <cstddef>

namespace ctnas {
namespace {

constexpr std::size_t kStride = 8;
constexpr std::uint32_t kReversedPolynomial = 0x82F63B78;

using Tables = std::array<std::array<std::uint32_t, 256>, kStride>;

/// Table t holds the remainder of each byte followed by t zero bytes.
constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder >> 1) ^ ((remainder & 1U) != 0 ? kReversedPolynomial : 0U);
    }
    tables[0][byte] = remainder;
  }
  for (std::size_t t = 1; t < kStride; ++t) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[t - 1][byte];
      tables[t][byte] = (before >> 8) ^ tables[0][before & 0xFFU];
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

}  // namespace

std::uint32_t crc32c(std::span<const unsigned char> bytes) {
  std::uint32_t crc = ~0U;
  // Eight bytes a step: their lookups do not wait for each other.
  while (bytes.size() >= kStride) {
    std::uint32_t next = 0;
    for (std::size_t i = 0; i < kStride; ++i) {
      const std::uint32_t running = i < sizeof(crc) ? (crc >> (8 * i)) & 0xFFU : 0U;
      next ^= kTables[kStride - 1 - i][bytes[i] ^ running];
    }
    crc = next;
    bytes = bytes.subspan(kStride);
  }
  for (const unsigned char byte : bytes) {
    crc = (crc >> 8) ^ kTables[0][(crc ^ byte) & 0xFFU];
  }
  return ~crc;
}

}  // namespace ctnas
