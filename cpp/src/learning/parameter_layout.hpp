#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "ctnas/learning.hpp"

namespace ctnas {

/// Some blocks of equal length after one another.
struct Blocks {
  std::size_t count;
  std::size_t length;
  std::size_t padded;

  [[nodiscard]] std::size_t size() const { return count * length; }
  [[nodiscard]] std::size_t padded_size() const { return count * padded; }
};

/// Where the arrays of a network stand in one padded array.
class ParameterLayout {
 public:
  /// \return where the array begins
  std::size_t add(const Blocks& rows, const Blocks& columns);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::vector<ParameterSize> sizes() const;

  /// \throws InvalidInput if there are not as many arrays of such sizes
  [[nodiscard]] std::vector<float> pack(const NetworkParameters& arrays) const;
  [[nodiscard]] NetworkParameters unpack(std::span<const float> packed) const;

 private:
  struct Array {
    std::size_t offset;
    Blocks rows;
    Blocks columns;
  };

  template <typename Work>
  static void each_run(const Array& array, const Work& work);

  std::vector<Array> arrays_;
  std::size_t size_ = 0;
};

}  // namespace ctnas
