#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace ctnas::nasbench101 {

/// A message of at most 311 characters that grows at its end, as MD5 reads it (RFC 1321).
class Md5Message {
 public:
  void clear() { size_ = 0; }
  void append(std::string_view text) {
    std::memcpy(bytes_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }
  /// Adds what MD5 wants behind a message; nothing may be appended afterwards.
  void finish();

  /// After `finish`.
  [[nodiscard]] std::size_t blocks() const { return blocks_; }
  [[nodiscard]] const std::uint8_t* block(std::size_t index) const {
    return bytes_.data() + kBlockSize * index;
  }

  static constexpr std::size_t kBlockSize = 64;
  static constexpr std::size_t kMaxBlocks = 5;

 private:
  std::array<std::uint8_t, kBlockSize * kMaxBlocks> bytes_;
  std::size_t size_ = 0;
  std::size_t blocks_ = 0;
};

using Digest = std::array<std::uint8_t, 16>;

/// The digests of finished messages, several at a time.
void md5(std::span<const Md5Message> messages, std::span<Digest> digests);

}  // namespace ctnas::nasbench101
