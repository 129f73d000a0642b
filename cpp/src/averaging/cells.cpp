#include "averaging/cells.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>

namespace ctnas {
namespace {

double to_position(double value, double key) { return 2.0 * (value - key) - 1.0; }

struct Range {
  double lowest;
  double highest;
};

Range find_range(std::span<const double> values) {
  constexpr std::size_t kLanes = 8;  // compared side by side, for the vector units
  std::array<double, kLanes> lowest;
  std::array<double, kLanes> highest;
  lowest.fill(values.front());
  highest.fill(values.front());
  const std::size_t whole = values.size() - values.size() % kLanes;
  for (std::size_t n = 0; n < whole; n += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const double value = values[n + lane];
      lowest[lane] = value < lowest[lane] ? value : lowest[lane];
      highest[lane] = value > highest[lane] ? value : highest[lane];
    }
  }
  Range range{*std::min_element(lowest.begin(), lowest.end()),
              *std::max_element(highest.begin(), highest.end())};
  for (const double value : values.subspan(whole)) {
    range.lowest = std::min(range.lowest, value);
    range.highest = std::max(range.highest, value);
  }
  return range;
}

/// Counting sort, for a range of not many more cells than numbers.
Cells sort_dense(std::span<const double> values, double lowest_key, std::size_t range,
                 bool with_origin) {
  const auto cell_of = [lowest_key](double value) {
    return static_cast<std::size_t>(static_cast<std::int64_t>(value - lowest_key));
  };
  std::vector<std::size_t> next(range);
  for (const double value : values) ++next[cell_of(value)];
  Cells cells;
  std::size_t begin = 0;
  for (std::size_t cell = 0; cell < range; ++cell) {
    const std::size_t count = next[cell];
    next[cell] = begin;
    if (count == 0) continue;
    cells.key.push_back(lowest_key + static_cast<double>(cell));
    cells.begin.push_back(begin);
    begin += count;
  }
  cells.begin.push_back(begin);
  cells.position.resize(values.size());
  if (with_origin) cells.origin.resize(values.size());
  for (std::size_t index = 0; index < values.size(); ++index) {
    const std::size_t cell = cell_of(values[index]);
    const std::size_t place = next[cell]++;
    cells.position[place] = to_position(values[index], lowest_key + static_cast<double>(cell));
    if (with_origin) cells.origin[place] = index;
  }
  return cells;
}

Cells sort_sparse(std::span<const double> values) {
  Cells cells;
  cells.origin.resize(values.size());
  std::iota(cells.origin.begin(), cells.origin.end(), std::size_t{0});
  std::sort(cells.origin.begin(), cells.origin.end(), [values](std::size_t a, std::size_t b) {
    return values[a] != values[b] ? values[a] < values[b] : a < b;
  });
  cells.position.reserve(values.size());
  for (const std::size_t index : cells.origin) {
    const double key = std::floor(values[index]);
    if (cells.key.empty() || cells.key.back() != key) {
      cells.key.push_back(key);
      cells.begin.push_back(cells.position.size());
    }
    cells.position.push_back(to_position(values[index], key));
  }
  cells.begin.push_back(values.size());
  return cells;
}

}  // namespace

KeyRange find_keys(std::span<const double> values) {
  const auto [lowest, highest] = find_range(values);
  const double lowest_key = std::floor(lowest);
  return {lowest_key, std::floor(highest) - lowest_key + 2.0};  // one more, for rounding
}

Cells sort_into_cells(std::span<const double> values, const KeyRange& keys, bool with_origin) {
  if (keys.count > 2.0 * static_cast<double>(values.size()) + 1024.0) return sort_sparse(values);
  return sort_dense(values, keys.lowest, static_cast<std::size_t>(keys.count), with_origin);
}

std::vector<Segment> cut_into_segments(const Cells& cells) {
  constexpr std::size_t kLongest = 8192;
  std::vector<Segment> segments;
  for (std::size_t cell = 0; cell < cells.size(); ++cell) {
    const std::size_t cell_end = cells.begin[cell + 1];
    for (std::size_t begin = cells.begin[cell]; begin < cell_end; begin += kLongest) {
      segments.push_back({cell, begin, std::min(begin + kLongest, cell_end)});
    }
  }
  return segments;
}

}  // namespace ctnas
