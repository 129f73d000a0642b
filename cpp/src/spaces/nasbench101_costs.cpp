// The published network: a 3x3 convolution, then three stacks of three cells; before the second and
// the third stack the image is halved and the channels are doubled; then pooling and a classifier.
#include <algorithm>

#include "ctnas/nasbench101.hpp"

namespace ctnas::nasbench101 {
namespace {

constexpr int kImageSize = 32;
constexpr int kImageChannels = 3;
constexpr int kStemChannels = 128;
constexpr int kStacks = 3;
constexpr int kCellsOfStack = 3;
constexpr int kClasses = 10;

bool has_edge(const Cell& cell, std::size_t i, std::size_t j) {
  return (cell.successors[i] >> j & 1U) != 0;
}

/// A convolution without bias, batch normalized.
void add_convolution(Costs& costs, int kernel, int from, int to, int size) {
  const double weights = static_cast<double>(kernel) * kernel * from * to;
  costs.parameters += weights + 2.0 * to;
  costs.madds += weights * size * size;
}

using Channels = std::array<int, kMaxVertices>;

/// The output's channels are shared out among the vertices that feed it; any other vertex has as
/// many as the largest that it feeds.
Channels vertex_channels(const Cell& cell, int inputs, int outputs) {
  const std::size_t last = cell.vertices - 1U;
  Channels channels{};
  channels[0] = inputs;
  channels[last] = outputs;
  int sharing = 0;
  for (std::size_t v = 1; v < last; ++v) sharing += has_edge(cell, v, last) ? 1 : 0;
  int remainder = sharing == 0 ? 0 : outputs % sharing;
  for (std::size_t v = 1; v < last; ++v) {
    if (has_edge(cell, v, last)) channels[v] = outputs / sharing + (remainder-- > 0 ? 1 : 0);
  }
  for (std::size_t v = last; v-- > 1;) {
    if (has_edge(cell, v, last)) continue;
    for (std::size_t w = v + 1; w < last; ++w) {
      if (has_edge(cell, v, w)) channels[v] = std::max(channels[v], channels[w]);
    }
  }
  return channels;
}

void add_cell(Costs& costs, const Cell& cell, int inputs, int outputs, int size) {
  const Channels channels = vertex_channels(cell, inputs, outputs);
  for (std::size_t v = 1; v < cell.vertices; ++v) {
    // What comes from the input is projected to the vertex's channels.
    if (has_edge(cell, 0, v)) add_convolution(costs, 1, inputs, channels[v], size);
    if (cell.operations[v] == kConv3x3) add_convolution(costs, 3, channels[v], channels[v], size);
    if (cell.operations[v] == kConv1x1) add_convolution(costs, 1, channels[v], channels[v], size);
  }
}

}  // namespace

Costs network_costs(const Cell& cell) {
  Costs costs;
  int channels = kStemChannels;
  int size = kImageSize;
  add_convolution(costs, 3, kImageChannels, channels, size);
  for (int stack = 0; stack < kStacks; ++stack) {
    const int inputs = channels;
    if (stack > 0) {
      channels *= 2;
      size /= 2;
    }
    for (int index = 0; index < kCellsOfStack; ++index) {
      add_cell(costs, cell, index == 0 ? inputs : channels, channels, size);
    }
  }
  costs.parameters += (channels + 1.0) * kClasses;
  costs.madds += static_cast<double>(channels) * kClasses;
  return costs;
}

}  // namespace ctnas::nasbench101
