#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "embedding/comparator_graph.hpp"
#include "engine/kernels.hpp"
#include "engine/linear_map.hpp"
#include "engine/network_weights.hpp"

namespace ctnas {

/// The weights of a bidirectional encoder, rows padded to whole vectors.
struct BidirectionalWeights {
  struct Layer {
    std::optional<LinearMap> messages;  ///< d -> 3 d; the first layer has a table instead
    std::vector<float> gain;            ///< [padded]
    std::vector<float> shift;           ///< [padded]
  };

  /// \throws UnknownNetwork unless all weights are there and fit each other and `size`
  BidirectionalWeights(const NetworkWeights& weights, const ComparatorSize& size,
                       const Kernels& kernels);

  [[nodiscard]] NormalizationView norm(std::size_t layer) const {
    return {width, padded, layers[layer].gain.data(), layers[layer].shift.data()};
  }

  std::size_t width;             ///< d
  std::size_t padded;            ///< d, padded
  std::vector<float> embedding;  ///< [vocabulary, padded]
  std::vector<float> table;      ///< [vocabulary, 3, padded], messages of an operation
  std::vector<Layer> layers;     ///< at least one
  LinearMap hidden;              ///< 2 d -> h
  LinearMap head;                ///< h -> 2
};

}  // namespace ctnas
