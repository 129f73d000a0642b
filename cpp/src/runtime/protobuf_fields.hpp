#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace ctnas {

/// A field of a serialized protocol buffer.
struct ProtobufField {
  std::uint64_t number;
  std::uint64_t value;               ///< of a varint, else 0
  std::span<const std::byte> bytes;  ///< of a string, message, packed or fixed field, else empty
};

/// Goes over the fields of a serialized message, in the order of the file.
class ProtobufFields {
 public:
  explicit ProtobufFields(std::span<const std::byte> message) : rest_(message) {}

  /// The next field, or nothing at the end of the message and from the first malformed byte on.
  [[nodiscard]] std::optional<ProtobufField> next();

 private:
  std::optional<std::uint64_t> read_varint();
  std::optional<std::span<const std::byte>> read_bytes(std::uint64_t length);
  std::optional<ProtobufField> read_field();

  std::span<const std::byte> rest_;
};

/// The numbers of a packed field of varints, up to the first malformed byte.
class PackedVarints {
 public:
  explicit PackedVarints(std::span<const std::byte> packed) : rest_(packed) {}
  [[nodiscard]] std::optional<std::uint64_t> next();

 private:
  std::span<const std::byte> rest_;
};

}  // namespace ctnas
