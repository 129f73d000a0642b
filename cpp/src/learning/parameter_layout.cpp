#include "learning/parameter_layout.hpp"

#include <algorithm>
#include <string>

#include "ctnas/error.hpp"

namespace ctnas {

std::size_t ParameterLayout::add(const Blocks& rows, const Blocks& columns) {
  const std::size_t offset = size_;
  arrays_.push_back({offset, rows, columns});
  size_ += rows.padded_size() * columns.padded_size();
  return offset;
}

std::vector<ParameterSize> ParameterLayout::sizes() const {
  std::vector<ParameterSize> sizes;
  for (const Array& array : arrays_) sizes.push_back({array.rows.size(), array.columns.size()});
  return sizes;
}

/// Calls `work(plain, packed, length)` for every run of numbers that stand together in both.
template <typename Work>
void ParameterLayout::each_run(const Array& array, const Work& work) {
  const std::size_t stride = array.columns.padded_size();
  std::size_t plain = 0;
  for (std::size_t row = 0; row < array.rows.size(); ++row) {
    const std::size_t block = row / array.rows.length;
    const std::size_t padded_row = block * array.rows.padded + row % array.rows.length;
    for (std::size_t column = 0; column < array.columns.count; ++column) {
      work(plain, array.offset + padded_row * stride + column * array.columns.padded,
           array.columns.length);
      plain += array.columns.length;
    }
  }
}

std::vector<float> ParameterLayout::pack(const NetworkParameters& arrays) const {
  if (arrays.size() != arrays_.size()) {
    throw InvalidInput("a network has " + std::to_string(arrays_.size()) + " arrays, not " +
                       std::to_string(arrays.size()));
  }
  std::vector<float> packed(size_);
  for (std::size_t index = 0; index < arrays.size(); ++index) {
    const std::size_t needed = arrays_[index].rows.size() * arrays_[index].columns.size();
    if (arrays[index].size() != needed) {
      throw InvalidInput("array " + std::to_string(index) + " of a network has " +
                         std::to_string(needed) + " numbers, not " +
                         std::to_string(arrays[index].size()));
    }
    each_run(arrays_[index], [&](std::size_t plain, std::size_t at, std::size_t length) {
      std::copy_n(arrays[index].data() + plain, length, packed.data() + at);
    });
  }
  return packed;
}

NetworkParameters ParameterLayout::unpack(std::span<const float> packed) const {
  NetworkParameters arrays;
  for (const Array& array : arrays_) {
    std::vector<float>& numbers = arrays.emplace_back(array.rows.size() * array.columns.size());
    each_run(array, [&](std::size_t plain, std::size_t at, std::size_t length) {
      std::copy_n(packed.data() + at, length, numbers.data() + plain);
    });
  }
  return arrays;
}

}  // namespace ctnas
