#include "engine/bidirectional_weights.hpp"

#include <string>

namespace ctnas {
namespace {

using Layer = BidirectionalWeights::Layer;

Layer read_layer(const NetworkWeights& weights, std::size_t index, std::uint64_t width,
                 const Kernels& kernels) {
  const std::string number = std::to_string(index);
  Layer layer{std::nullopt, pad_rows(weights.get("gain_" + number, {width}), 1),
              pad_rows(weights.get("shift_" + number, {width}), 1)};
  if (index != 0) {
    layer.messages.emplace(pad_matrix(weights.get("weight_" + number, {width, 3 * width}), 1, 3),
                           pad_rows(weights.get("bias_" + number, {3 * width}), 3), kernels);
  }
  return layer;
}

std::vector<Layer> read_layers(const NetworkWeights& weights, std::uint64_t width,
                               const Kernels& kernels) {
  std::vector<Layer> layers;
  do {
    layers.push_back(read_layer(weights, layers.size(), width, kernels));
  } while (weights.has("weight_" + std::to_string(layers.size())));
  return layers;
}

LinearMap read_hidden(const NetworkWeights& weights, std::uint64_t width, const Kernels& kernels) {
  const std::uint64_t outputs = weights.width_of("hidden_weight");
  return {pad_matrix(weights.get("hidden_weight", {2 * width, outputs}), 2, 1),
          pad_rows(weights.get("hidden_bias", {outputs}), 1), kernels};
}

LinearMap read_head(const NetworkWeights& weights, const Kernels& kernels) {
  const std::uint64_t inputs = weights.width_of("hidden_bias");
  return {pad_matrix(weights.get("head_weight", {inputs, 2}), 1, 1), {}, kernels};
}

std::uint64_t read_width(const NetworkWeights& weights) {
  const std::uint64_t width = weights.width_of("embedding");
  if (width > kMostFeatures) throw UnknownNetwork("more features than the registers hold");
  return width;
}

}  // namespace

BidirectionalWeights::BidirectionalWeights(const NetworkWeights& weights,
                                           const ComparatorSize& size, const Kernels& kernels)
    : width(read_width(weights)),
      padded(padded_width(width)),
      embedding(pad_rows(
          weights.get("embedding", {static_cast<std::uint64_t>(size.vocabulary_size), width}), 1)),
      table(pad_rows(
          weights.get("table", {static_cast<std::uint64_t>(size.vocabulary_size), 3 * width}), 3)),
      layers(read_layers(weights, width, kernels)),
      hidden(read_hidden(weights, width, kernels)),
      head(read_head(weights, kernels)) {}

}  // namespace ctnas
