#include "averaging/sigmoid_sums.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "averaging/cells.hpp"
#include "averaging/chebyshev.hpp"
#include "parallel.hpp"

namespace ctnas {
namespace {

using chebyshev::Terms;

/// Small cells are shared out in lots, so that a lot is worth the trouble.
constexpr std::size_t kLot = 32;

/// So many x are sorted and summed at a time: they stay in the cache, and take no memory to speak
/// of.
constexpr std::size_t kTargets = 32768;

/// To start a thread takes as long as this many numbers take.
constexpr std::size_t kNumbersOfThread = 16384;

std::size_t lot_of(const std::vector<Segment>& segments) {
  return segments.size() > 32 * kLot ? kLot : 1;
}

/// One side of the sum that acts on the other.
struct Sources {
  std::vector<double> key;         // [C]
  std::vector<Terms> weights;      // [C]
  std::vector<double> count_from;  // [C + 1]: numbers in this and all higher cells
};

Sources gather_sources(const Cells& cells, std::size_t threads, const Poll& poll) {
  const std::vector<Segment> segments = cut_into_segments(cells);
  std::vector<Terms> parts(segments.size());
  parallel_blocks(
      segments.size(), lot_of(segments), threads, poll, [&](std::size_t first, std::size_t last) {
        for (std::size_t s = first; s < last; ++s) {
          const auto [cell, begin, end] = segments[s];
          parts[s] = chebyshev::moments(std::span(cells.position).subspan(begin, end - begin));
        }
      });
  Sources sources{cells.key, std::vector<Terms>(cells.size()), {}};
  // Always in the order of the segments: the result is the same for any number of threads.
  for (std::size_t s = 0; s < segments.size(); ++s) {
    Terms& sum = sources.weights[segments[s].cell];
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += parts[s][k];
  }
  for (Terms& terms : sources.weights) terms = chebyshev::node_weights(terms);
  for (const std::size_t begin : cells.begin) {
    sources.count_from.push_back(static_cast<double>(cells.position.size() - begin));
  }
  return sources;
}

/// Coefficients in one cell of what all sources add up to there.
Terms add_up_at(double key, const Sources& sources) {
  const auto sum_is_below = [key](double source_key, int limit) {
    return key + source_key < limit;
  };
  const auto first =
      std::lower_bound(sources.key.begin(), sources.key.end(), chebyshev::kFirstSum, sum_is_below);
  const auto last =
      std::lower_bound(first, sources.key.end(), chebyshev::kPastLastSum, sum_is_below);
  Terms node_values{};
  node_values.fill(sources.count_from[static_cast<std::size_t>(last - sources.key.begin())]);
  for (auto source = first; source != last; ++source) {
    const auto index = static_cast<std::size_t>(source - sources.key.begin());
    chebyshev::add_interaction(static_cast<int>(key + *source), sources.weights[index],
                               node_values);
  }
  return chebyshev::coefficients(node_values);
}

void evaluate_cell(const Cells& cells, std::size_t cell, const Terms& coefficients,
                   std::span<double> sums) {
  constexpr std::size_t kStep = 256;
  std::array<double, kStep> values;
  const std::size_t end = cells.begin[cell + 1];
  for (std::size_t begin = cells.begin[cell]; begin < end; begin += kStep) {
    const std::size_t count = std::min(kStep, end - begin);
    chebyshev::evaluate(coefficients, std::span(cells.position).subspan(begin, count), values);
    for (std::size_t n = 0; n < count; ++n) sums[cells.origin[begin + n]] = values[n];
  }
}

}  // namespace

void add_up_sigmoids(std::span<const double> x, std::span<const double> y, std::size_t threads,
                     std::span<double> sums, const Poll& poll) {
  threads = std::min(threads, 1 + (x.size() + y.size()) / kNumbersOfThread);
  const Sources sources = gather_sources(sort_into_cells(y, find_keys(y), false), threads, poll);
  const KeyRange keys = find_keys(x);
  parallel_blocks(x.size(), kTargets, threads, poll, [&](std::size_t first, std::size_t last) {
    const Cells targets = sort_into_cells(x.subspan(first, last - first), keys, true);
    for (std::size_t cell = 0; cell < targets.size(); ++cell) {
      evaluate_cell(targets, cell, add_up_at(targets.key[cell], sources),
                    sums.subspan(first, last - first));
    }
  });
}

}  // namespace ctnas
