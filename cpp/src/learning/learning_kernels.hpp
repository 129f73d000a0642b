/// \file
/// The arithmetic of networks that learn, compiled once for each set of vector instructions.
///
/// Rows are `padded` numbers long, a multiple of 16, of which the first `width` are in use; the
/// others are 0 and stay 0.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/kernels.hpp"

namespace ctnas {

/// Every width is padded to a multiple of it: the most numbers that a vector holds.
inline constexpr std::size_t kLearningPadding = 16;

/// Widest rows.
inline constexpr std::size_t kMostLearningWidth = 1024;

/// x [rows, inputs] times W [inputs, outputs]; both widths are padded.
struct ProductSize {
  std::size_t rows;
  std::size_t inputs;
  std::size_t outputs;
};

/// A layer normalization of rows.
struct LearnedNorm {
  std::size_t width;
  std::size_t padded;
  const float* gain;   ///< [padded]
  const float* shift;  ///< [padded]
  const float* used;   ///< [padded], 1 in use, else 0
};

/// What is left of the features of each graph: a row of `kept` [graphs, padded], all if nullptr.
struct KeptFeatures {
  const float* kept;
  const std::uint32_t* graph;  ///< [rows], graph of each row
};

/// What a normalization leaves for its backward pass.
struct NormTape {
  float* normalized;  ///< [rows, padded]
  float* inverse;     ///< [rows], reciprocal of the deviation
};

/// Gradients that a normalization adds to.
struct NormGradient {
  float* gain;   ///< [padded]
  float* shift;  ///< [padded]
};

/// Operations of rows and what they mean for a network that follows the data.
struct FlowRows {
  const std::uint32_t* operation;
  const std::uint8_t* starts;   ///< 1 at inputs
  const std::uint8_t* reached;  ///< 1 where something arrives from an input
};

/// Some rows: [first, last).
struct RowRange {
  std::size_t first;
  std::size_t last;
};

/// The arrays of a pass along the data, [rows, padded] each.
struct FlowTape {
  const float* gates;  ///< [operations, padded]
  float* arriving;
  float* transformed;  ///< before the gate
  NormTape norm;
};

/// A step of AdamW.
struct AdamStep {
  float learning_rate;
  float decay;  ///< what is left of a weight, learning rate times weight decay taken off
  float momentum;
  float squares_share;
  float momentum_correction;  ///< 1 / (1 - momentum^step)
  float squares_correction;   ///< 1 / sqrt(1 - squares_share^step)
  float gradient_scale;
};

/// The loops for one set of instructions.
struct LearningKernels {
  std::size_t lanes;

  /// y = x W + b, where b may be nullptr; added to y where `adds`.
  void (*multiply)(const ProductSize& size, const float* x, const float* weight, const float* bias,
                   bool adds, float* y);

  /// W += x^T y
  void (*add_outer)(const ProductSize& size, const float* x, const float* y, float* weight);

  /// sum [width] += the sum of rows [rows, width]
  void (*add_columns)(const float* rows, std::size_t count, std::size_t width, float* sum);

  /// to[row of each] += from [count, width]
  void (*add_rows)(const float* from, const std::uint32_t* row, std::size_t count,
                   std::size_t width, float* to);

  /// sum [width] += scale * row [width]
  void (*accumulate)(const float* row, float scale, std::size_t width, float* sum);

  /// Sum of a[i] * b[i].
  float (*dot)(const float* a, const float* b, std::size_t width);

  /// out[n] = norm(features[n] + message[n]), message[n] = kept * relu(messages[n, 0] + sum of
  /// [successors, 1] + sum of [predecessors, 2]).
  void (*convolve)(const NodeRows& nodes, std::size_t count, const float* features,
                   const float* messages, const KeptFeatures& kept, const LearnedNorm& norm,
                   float* message, const NormTape& tape, float* out);

  /// Turns the gradient of `out` [count, padded] into that of the features, in place, and that of
  /// the messages before they are rectified.
  void (*convolve_backward)(std::size_t count, const float* message, const KeptFeatures& kept,
                            const LearnedNorm& norm, const NormTape& tape,
                            const NormGradient& gradient, float* features, float* aggregated);

  /// out[row n] [3, padded] = or += the gradient of what node n sends: its own, the sum over its
  /// predecessors, the sum over its successors.
  void (*gather_back)(const NodeRows& nodes, std::size_t count, const float* aggregated,
                      std::size_t padded, bool adds, float* out);

  /// arriving[n] = sum of states[predecessors]
  void (*arrive)(const NodeRows& nodes, const RowRange& rows, const float* states,
                 std::size_t padded, float* arriving);

  /// states[n] = kept * (source at inputs + norm(arriving + relu(gate * transformed)) if reached)
  void (*leave)(const FlowRows& flow, const RowRange& rows, const float* source,
                const KeptFeatures& kept, const LearnedNorm& norm, const FlowTape& tape,
                float* states);

  /// Adds to `gradient` [rows, padded] what comes back from the successors, and turns it into the
  /// gradients of what arrives (but for what comes through the transformation), of the
  /// transformed features, and of source, gates and normalization.
  void (*leave_backward)(const NodeRows& nodes, const FlowRows& flow, const RowRange& rows,
                         const KeptFeatures& kept, const LearnedNorm& norm, const FlowTape& tape,
                         float* gradient, float* arriving, float* linear, float* source,
                         float* gates, const NormGradient& norm_gradient);

  /// h = kept * relu(h), rows [count, width]; `kept` has as many, or is nullptr.
  void (*rectify)(std::size_t count, std::size_t width, const float* kept, float* rows);

  /// gradient = kept * gradient where h > 0, else 0.
  void (*rectify_backward)(std::size_t count, std::size_t width, const float* rows,
                           const float* kept, float* gradient);

  /// out[i] += sum over j of sigmoid(score[i] - score[j]) - P(label i better than j).  `level` is
  /// in units in which that is the normal distribution function, or, where `is_exact`, 0, 1/2, 1.
  /// Arrays of `padded` numbers, of which `count` are in use.
  void (*compare)(const float* score, const float* level, bool is_exact, std::size_t count,
                  std::size_t padded, float* out);

  /// One step on arrays of `count` numbers.
  void (*adam)(const AdamStep& step, std::size_t count, const float* gradient, float* momentum,
               float* squares, float* weight);
};

/// The fastest loops that this processor can run.
[[nodiscard]] const LearningKernels& learning_kernels() noexcept;

/// All loops that this processor can run; ends with nullptr.
[[nodiscard]] const LearningKernels* const* runnable_learning_kernels() noexcept;

/// `width`, padded.
[[nodiscard]] constexpr std::size_t learning_width(std::size_t width) noexcept {
  return (width + kLearningPadding - 1) / kLearningPadding * kLearningPadding;
}

}  // namespace ctnas
