#include "runtime/protobuf_fields.hpp"

namespace ctnas {
namespace {

/// Takes a base-128 number, lowest digits first, from the front of `rest`.
std::optional<std::uint64_t> take_varint(std::span<const std::byte>& rest) {
  std::uint64_t value = 0;
  for (unsigned digit = 0; digit < 10 && digit < rest.size(); ++digit) {
    const auto byte = std::to_integer<std::uint64_t>(rest[digit]);
    value |= (byte & 0x7fU) << (7 * digit);
    if ((byte & 0x80U) == 0) {
      rest = rest.subspan(digit + 1);
      return value;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> PackedVarints::next() { return take_varint(rest_); }

std::optional<std::uint64_t> ProtobufFields::read_varint() { return take_varint(rest_); }

std::optional<std::span<const std::byte>> ProtobufFields::read_bytes(std::uint64_t length) {
  if (length > rest_.size()) return std::nullopt;
  const auto bytes = rest_.first(static_cast<std::size_t>(length));
  rest_ = rest_.subspan(bytes.size());
  return bytes;
}

std::optional<ProtobufField> ProtobufFields::read_field() {
  const auto tag = read_varint();
  if (!tag) return std::nullopt;
  ProtobufField field{*tag >> 3U, 0, {}};
  std::optional<std::uint64_t> length;
  switch (*tag & 7U) {
    case 0: {
      const auto value = read_varint();
      if (!value) return std::nullopt;
      field.value = *value;
      return field;
    }
    case 1:
      length = 8;
      break;
    case 2:
      length = read_varint();
      break;
    case 5:
      length = 4;
      break;
    default:
      break;
  }
  const auto bytes = length ? read_bytes(*length) : std::nullopt;
  if (!bytes) return std::nullopt;
  field.bytes = *bytes;
  return field;
}

std::optional<ProtobufField> ProtobufFields::next() {
  const auto field = read_field();
  if (!field) rest_ = {};
  return field;
}

}  // namespace ctnas
