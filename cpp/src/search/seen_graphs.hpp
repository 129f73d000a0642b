#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ctnas {

/// A set of 64-bit hashes that only grows; 16 bytes a hash at most.
class SeenGraphs {
 public:
  SeenGraphs() : slots_(1U << 12U) {}

  /// \return whether the hash is new
  bool insert(std::uint64_t hash) {
    if (hash == kFree) {
      const bool is_new = !has_free_;
      has_free_ = true;
      return is_new;
    }
    if (2 * (count_ + 1) > slots_.size()) grow();
    return place(hash);
  }

  [[nodiscard]] std::size_t size() const noexcept { return count_ + (has_free_ ? 1 : 0); }

 private:
  static constexpr std::uint64_t kFree = 0;

  bool place(std::uint64_t hash) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = static_cast<std::size_t>(hash) & mask;
    while (slots_[slot] != kFree) {
      if (slots_[slot] == hash) return false;
      slot = (slot + 1) & mask;
    }
    slots_[slot] = hash;
    ++count_;
    return true;
  }

  void grow() {
    std::vector<std::uint64_t> old(2 * slots_.size());
    old.swap(slots_);
    count_ = 0;
    for (const std::uint64_t hash : old) {
      if (hash != kFree) place(hash);
    }
  }

  std::vector<std::uint64_t> slots_;
  std::size_t count_ = 0;
  bool has_free_ = false;
};

}  // namespace ctnas
