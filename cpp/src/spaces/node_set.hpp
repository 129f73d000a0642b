#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace ctnas {

/// A set of up to 64 * `Words` nodes.
template <std::size_t Words>
class NodeSet {
 public:
  void insert(std::size_t node) { words_[node / 64] |= std::uint64_t{1} << (node % 64); }
  void erase(std::size_t node) { words_[node / 64] &= ~(std::uint64_t{1} << (node % 64)); }
  [[nodiscard]] bool contains(std::size_t node) const {
    return (words_[node / 64] >> (node % 64) & 1U) != 0;
  }
  [[nodiscard]] bool meets(const NodeSet& other) const {
    std::uint64_t common = 0;
    for (std::size_t w = 0; w < Words; ++w) common |= words_[w] & other.words_[w];
    return common != 0;
  }
  NodeSet& operator|=(const NodeSet& other) {
    for (std::size_t w = 0; w < Words; ++w) words_[w] |= other.words_[w];
    return *this;
  }
  NodeSet& operator&=(const NodeSet& other) {
    for (std::size_t w = 0; w < Words; ++w) words_[w] &= other.words_[w];
    return *this;
  }

  /// Calls `visit(node)` in ascending order.
  template <typename Visit>
  void for_each(const Visit& visit) const {
    for (std::size_t w = 0; w < Words; ++w) {
      for (std::uint64_t bits = words_[w]; bits != 0; bits &= bits - 1) {
        visit(w * 64 + static_cast<std::size_t>(std::countr_zero(bits)));
      }
    }
  }

 private:
  std::array<std::uint64_t, Words> words_{};
};

}  // namespace ctnas
