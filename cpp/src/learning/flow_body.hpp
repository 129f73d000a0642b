/// \file
/// Loops along the data of `LearningKernels`, for the instructions that the including file is
/// compiled for.
#pragma once

#include "learning/nodes_body.hpp"

namespace ctnas {
namespace {

template <std::size_t vectors>
void arrive_rows(const NodeRows& nodes, const RowRange& rows, const float* states,
                 std::size_t padded, float* arriving) {
  for (std::size_t node = rows.first; node < rows.last; ++node) {
    const Neighborhood& near = nodes.neighborhoods[node];
    Features<vectors> sum{};
    for (std::uint32_t edge = near.predecessors; edge < near.end; ++edge) {
      add_to<vectors>(sum, states + nodes.neighbors[edge] * padded, padded);
    }
    each_vector<vectors>(
        padded, [&](std::size_t v) { store(sum.part[v], arriving + node * padded + v * kLanes); });
  }
}

template <std::size_t vectors>
void leave_rows(const FlowRows& flow, const RowRange& rows, const float* source,
                const KeptFeatures& kept, const LearnedNorm& norm, const FlowTape& tape,
                float* states) {
  const std::size_t padded = vectors == 0 ? norm.padded : vectors * kLanes;
  for (std::size_t node = rows.first; node < rows.last; ++node) {
    const float* const gate = tape.gates + flow.operation[node] * padded;
    const auto reached = static_cast<float>(flow.reached[node]);
    const auto starts = static_cast<float>(flow.starts[node]);
    Features<vectors> row;
    each_vector<vectors>(padded, [&](std::size_t v) {
      const std::size_t at = node * padded + v * kLanes;
      const Vector gated = load<Vector>(gate + v * kLanes) * load<Vector>(tape.transformed + at);
      row.part[v] = load<Vector>(tape.arriving + at) + rectify(gated);
    });
    normalize<vectors>(row, norm, tape.norm, node);
    const float* const left = kept_row(kept, node, padded);
    each_vector<vectors>(padded, [&](std::size_t v) {
      const Vector gain = load<Vector>(norm.gain + v * kLanes) * reached;
      const Vector shift = load<Vector>(norm.shift + v * kLanes) * reached;
      Vector state = row.part[v] * gain + shift + load<Vector>(source + v * kLanes) * starts;
      if (left != nullptr) state *= load<Vector>(left + v * kLanes);
      store(state, states + node * padded + v * kLanes);
    });
  }
}

template <std::size_t vectors>
void leave_rows_backward(const NodeRows& nodes, const FlowRows& flow, const RowRange& rows,
                         const KeptFeatures& kept, const LearnedNorm& norm, const FlowTape& tape,
                         float* gradient, float* arriving, float* linear, float* source,
                         float* gates, const NormGradient& norm_gradient) {
  const std::size_t padded = vectors == 0 ? norm.padded : vectors * kLanes;
  for (std::size_t node = rows.first; node < rows.last; ++node) {
    const Neighborhood& near = nodes.neighborhoods[node];
    Features<vectors> row{};
    add_to<vectors>(row, gradient + node * padded, padded);
    for (std::uint32_t edge = near.successors; edge < near.predecessors; ++edge) {
      add_to<vectors>(row, arriving + nodes.neighbors[edge] * padded, padded);
    }
    const float* const left = kept_row(kept, node, padded);
    const auto reached = static_cast<float>(flow.reached[node]);
    const auto starts = static_cast<float>(flow.starts[node]);
    each_vector<vectors>(padded, [&](std::size_t v) {
      if (left != nullptr) row.part[v] *= load<Vector>(left + v * kLanes);
      float* const to = source + v * kLanes;
      store(load<Vector>(to) + row.part[v] * starts, to);
      row.part[v] *= reached;
    });
    normalize_backward<vectors>(row, norm, tape.norm, norm_gradient, node);
    const float* const gate = tape.gates + flow.operation[node] * padded;
    float* const gate_gradient = gates + flow.operation[node] * padded;
    each_vector<vectors>(padded, [&](std::size_t v) {
      const std::size_t at = node * padded + v * kLanes;
      const Vector opening = load<Vector>(gate + v * kLanes);
      const Vector transformed = load<Vector>(tape.transformed + at);
      const Vector gated = select(opening * transformed > 0.0F, row.part[v], Vector{});
      float* const to = gate_gradient + v * kLanes;
      store(load<Vector>(to) + gated * transformed, to);
      store(gated * opening, linear + at);
      store(row.part[v], arriving + at);
    });
  }
}

void arrive(const NodeRows& nodes, const RowRange& rows, const float* states, std::size_t padded,
            float* arriving) {
  with_width(padded, [&]<std::size_t vectors>() {
    arrive_rows<vectors>(nodes, rows, states, padded, arriving);
  });
}

void leave(const FlowRows& flow, const RowRange& rows, const float* source,
           const KeptFeatures& kept, const LearnedNorm& norm, const FlowTape& tape, float* states) {
  with_width(norm.padded, [&]<std::size_t vectors>() {
    leave_rows<vectors>(flow, rows, source, kept, norm, tape, states);
  });
}

void leave_backward(const NodeRows& nodes, const FlowRows& flow, const RowRange& rows,
                    const KeptFeatures& kept, const LearnedNorm& norm, const FlowTape& tape,
                    float* gradient, float* arriving, float* linear, float* source, float* gates,
                    const NormGradient& norm_gradient) {
  with_width(norm.padded, [&]<std::size_t vectors>() {
    leave_rows_backward<vectors>(nodes, flow, rows, kept, norm, tape, gradient, arriving, linear,
                                 source, gates, norm_gradient);
  });
}

}  // namespace
}  // namespace ctnas
