/// \file
/// Loops over nodes of `LearningKernels`, for the instructions that the including file is compiled
/// for.  A width that is known when it is compiled keeps a node's features in registers.
#pragma once

#include "engine/vectors.hpp"
#include "learning/learning_kernels.hpp"

namespace ctnas {
namespace {

/// Most vectors of a row.
constexpr std::size_t kMostVectors = kMostLearningWidth / kLanes;

template <std::size_t vectors>
struct Features {
  Vector part[vectors == 0 ? kMostVectors : vectors];
};

/// Calls `work` for every vector of a row.
template <std::size_t vectors, typename Work>
inline void each_vector(std::size_t padded, const Work& work) {
  if constexpr (vectors != 0) {
#pragma GCC unroll 8
    for (std::size_t v = 0; v < vectors; ++v) work(v);
  } else {
    for (std::size_t v = 0; v < padded / kLanes; ++v) work(v);
  }
}

template <std::size_t vectors>
inline void add_to(Features<vectors>& sum, const float* row, std::size_t padded) {
  each_vector<vectors>(padded,
                       [&](std::size_t v) { sum.part[v] += load<Vector>(row + v * kLanes); });
}

template <std::size_t vectors>
inline float total(const Features<vectors>& row, std::size_t padded) {
  Vector sum{};
  each_vector<vectors>(padded, [&](std::size_t v) { sum += row.part[v]; });
  return add_lanes<kLanes>(sum);
}

inline const float* kept_row(const KeptFeatures& kept, std::size_t row, std::size_t padded) {
  return kept.kept == nullptr ? nullptr : kept.kept + kept.graph[row] * padded;
}

/// Brings a row to mean 0 and variance 1 in place, notes it down.
template <std::size_t vectors>
inline void normalize(Features<vectors>& row, const LearnedNorm& norm, const NormTape& tape,
                      std::size_t place) {
  constexpr float kEpsilon = 1e-5F;
  const float share = 1.0F / static_cast<float>(norm.width);
  const float mean = total<vectors>(row, norm.padded) * share;
  Features<vectors> squares;
  each_vector<vectors>(norm.padded, [&](std::size_t v) {
    row.part[v] = (row.part[v] - mean) * load<Vector>(norm.used + v * kLanes);
    squares.part[v] = row.part[v] * row.part[v];
  });
  const float variance = total<vectors>(squares, norm.padded) * share;
  const float inverse = 1.0F / square_root(variance + kEpsilon);
  tape.inverse[place] = inverse;
  each_vector<vectors>(norm.padded, [&](std::size_t v) {
    row.part[v] *= inverse;
    store(row.part[v], tape.normalized + place * norm.padded + v * kLanes);
  });
}

/// Turns the gradient of a normalized, scaled and shifted row into that of the row.
template <std::size_t vectors>
inline void normalize_backward(Features<vectors>& row, const LearnedNorm& norm,
                               const NormTape& tape, const NormGradient& gradient,
                               std::size_t place) {
  const float* const normalized = tape.normalized + place * norm.padded;
  const float share = 1.0F / static_cast<float>(norm.width);
  Features<vectors> along;
  each_vector<vectors>(norm.padded, [&](std::size_t v) {
    const std::size_t at = v * kLanes;
    const Vector product = row.part[v] * load<Vector>(normalized + at);
    store(load<Vector>(gradient.gain + at) + product, gradient.gain + at);
    store(load<Vector>(gradient.shift + at) + row.part[v], gradient.shift + at);
    row.part[v] *= load<Vector>(norm.gain + at);
    along.part[v] = row.part[v] * load<Vector>(normalized + at);
  });
  const float mean = total<vectors>(row, norm.padded) * share;
  const float slope = total<vectors>(along, norm.padded) * share;
  const float inverse = tape.inverse[place];
  each_vector<vectors>(norm.padded, [&](std::size_t v) {
    const Vector used = load<Vector>(norm.used + v * kLanes) * inverse;
    row.part[v] = (row.part[v] - mean - load<Vector>(normalized + v * kLanes) * slope) * used;
  });
}

template <std::size_t vectors>
void convolve_rows(const NodeRows& nodes, std::size_t count, const float* features,
                   const float* messages, const KeptFeatures& kept, const LearnedNorm& norm,
                   float* message, const NormTape& tape, float* out) {
  const std::size_t padded = vectors == 0 ? norm.padded : vectors * kLanes;
  for (std::size_t node = 0; node < count; ++node) {
    const Neighborhood& near = nodes.neighborhoods[node];
    const std::size_t itself = nodes.itself[node];
    Features<vectors> row{};
    add_to<vectors>(row, messages + itself * 3 * padded, padded);
    for (std::uint32_t edge = near.successors; edge < near.predecessors; ++edge) {
      add_to<vectors>(row, messages + (nodes.neighbors[edge] * 3 + 1) * padded, padded);
    }
    for (std::uint32_t edge = near.predecessors; edge < near.end; ++edge) {
      add_to<vectors>(row, messages + (nodes.neighbors[edge] * 3 + 2) * padded, padded);
    }
    const float* const left = kept_row(kept, node, padded);
    each_vector<vectors>(padded, [&](std::size_t v) {
      Vector part = rectify(row.part[v]);
      if (left != nullptr) part *= load<Vector>(left + v * kLanes);
      store(part, message + node * padded + v * kLanes);
      row.part[v] = part + load<Vector>(features + itself * padded + v * kLanes);
    });
    normalize<vectors>(row, norm, tape, node);
    each_vector<vectors>(padded, [&](std::size_t v) {
      const Vector scaled = row.part[v] * load<Vector>(norm.gain + v * kLanes);
      store(scaled + load<Vector>(norm.shift + v * kLanes), out + node * padded + v * kLanes);
    });
  }
}

template <std::size_t vectors>
void convolve_rows_backward(std::size_t count, const float* message, const KeptFeatures& kept,
                            const LearnedNorm& norm, const NormTape& tape,
                            const NormGradient& gradient, float* features, float* aggregated) {
  const std::size_t padded = vectors == 0 ? norm.padded : vectors * kLanes;
  for (std::size_t node = 0; node < count; ++node) {
    Features<vectors> row{};
    add_to<vectors>(row, features + node * padded, padded);
    normalize_backward<vectors>(row, norm, tape, gradient, node);
    const float* const left = kept_row(kept, node, padded);
    each_vector<vectors>(padded, [&](std::size_t v) {
      const std::size_t at = node * padded + v * kLanes;
      store(row.part[v], features + at);
      if (left != nullptr) row.part[v] *= load<Vector>(left + v * kLanes);
      store(select(load<Vector>(message + at) > 0.0F, row.part[v], Vector{}), aggregated + at);
    });
  }
}

template <std::size_t vectors>
void gather_rows_back(const NodeRows& nodes, std::size_t count, const float* aggregated,
                      std::size_t padded, bool adds, float* out) {
  for (std::size_t node = 0; node < count; ++node) {
    const Neighborhood& near = nodes.neighborhoods[node];
    float* const to = out + nodes.itself[node] * 3 * padded;
    Features<vectors> parts[3] = {};
    add_to<vectors>(parts[0], aggregated + node * padded, padded);
    for (std::uint32_t edge = near.predecessors; edge < near.end; ++edge) {
      add_to<vectors>(parts[1], aggregated + nodes.neighbors[edge] * padded, padded);
    }
    for (std::uint32_t edge = near.successors; edge < near.predecessors; ++edge) {
      add_to<vectors>(parts[2], aggregated + nodes.neighbors[edge] * padded, padded);
    }
    for (std::size_t part = 0; part < 3; ++part) {
      float* const row = to + part * padded;
      if (adds) add_to<vectors>(parts[part], row, padded);
      each_vector<vectors>(padded,
                           [&](std::size_t v) { store(parts[part].part[v], row + v * kLanes); });
    }
  }
}

/// Calls `work` with a width of rows that is known when this is compiled, or 0 for any other.
template <typename Work>
inline void with_width(std::size_t padded, const Work& work) {
  if (padded == 16) return work.template operator()<16 / kLanes>();
  if (padded == 32) return work.template operator()<32 / kLanes>();
  if (padded == 64 && kLanes == 16) return work.template operator()<64 / kLanes>();
  return work.template operator()<0>();
}

void convolve(const NodeRows& nodes, std::size_t count, const float* features,
              const float* messages, const KeptFeatures& kept, const LearnedNorm& norm,
              float* message, const NormTape& tape, float* out) {
  with_width(norm.padded, [&]<std::size_t vectors>() {
    convolve_rows<vectors>(nodes, count, features, messages, kept, norm, message, tape, out);
  });
}

void convolve_backward(std::size_t count, const float* message, const KeptFeatures& kept,
                       const LearnedNorm& norm, const NormTape& tape, const NormGradient& gradient,
                       float* features, float* aggregated) {
  with_width(norm.padded, [&]<std::size_t vectors>() {
    convolve_rows_backward<vectors>(count, message, kept, norm, tape, gradient, features,
                                    aggregated);
  });
}

void gather_back(const NodeRows& nodes, std::size_t count, const float* aggregated,
                 std::size_t padded, bool adds, float* out) {
  with_width(padded, [&]<std::size_t vectors>() {
    gather_rows_back<vectors>(nodes, count, aggregated, padded, adds, out);
  });
}

}  // namespace
}  // namespace ctnas
