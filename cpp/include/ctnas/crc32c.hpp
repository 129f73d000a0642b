#pragma once

#include <cstdint>
#include <span>

namespace ctnas {

/// CRC-32C (Castagnoli) of some bytes: the checksum of iSCSI (RFC 3720) and of TFRecord files.
[[nodiscard]] std::uint32_t crc32c(std::span<const unsigned char> bytes);

}  // namespace ctnas
