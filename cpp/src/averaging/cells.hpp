#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace ctnas {

/// Numbers sorted into the cells [key, key + 1) of the integers that hold any.
struct Cells {
  std::vector<double> key;          ///< [C], ascending; a double reaches as far as the numbers do
  std::vector<std::size_t> begin;   ///< [C + 1], where each cell begins in the arrays below
  std::vector<double> position;     ///< [N], place in the cell, from -1 to 1
  std::vector<std::size_t> origin;  ///< [N], index of the number in the input; or empty

  [[nodiscard]] std::size_t size() const noexcept { return key.size(); }
};

/// The cells that numbers may lie in.
struct KeyRange {
  double lowest;  ///< key of the first one
  double count;
};

/// \param values [N] finite numbers, N >= 1
[[nodiscard]] KeyRange find_keys(std::span<const double> values);

/// \param values [N] finite numbers, N >= 1
/// \param keys of these and perhaps of more numbers
/// \param with_origin whether anybody wants to know where the numbers came from
[[nodiscard]] Cells sort_into_cells(std::span<const double> values, const KeyRange& keys,
                                    bool with_origin);

/// A run of positions that lies in one cell.
struct Segment {
  std::size_t cell;
  std::size_t begin;
  std::size_t end;
};

/// All positions in runs that are short enough to share out among threads.
[[nodiscard]] std::vector<Segment> cut_into_segments(const Cells& cells);

}  // namespace ctnas
