#pragma once

#include "learning/affine_map.hpp"
#include "learning/network_pass.hpp"

namespace ctnas {

/// Follows the data from the inputs to the output.  The state of a node is `norm(a + relu(gate *
/// (a W + b)))` for the sum a of the states that feed it; nodes of one level are computed together.
class FlowPass final : public NetworkPass {
 public:
  explicit FlowPass(const LearningShape& shape);

 private:
  void compute_states(const float* parameters, const Dropout& dropout) override;
  void go_back(const float* parameters, float* gradient) override;
  void open_gates(const float* parameters);
  void start(const float* parameters);
  void follow_back(const float* parameters, const RowRange& rows, float* gradient);
  void start_back(float* gradient);
  void close_gates(const float* parameters, float* gradient);
  [[nodiscard]] FlowTape tape();
  [[nodiscard]] std::size_t fed_rows() const { return rows_.levels()[1]; }

  std::size_t source_;
  AffineMap gate_;
  AffineMap transform_;
  std::size_t gain_ = 0;
  std::size_t shift_ = 0;
  LearnedArray embedding_table_;  // [operations, padded]
  LearnedArray gates_;            // [operations, padded]
  LearnedArray arriving_;         // [rows, padded]
  LearnedArray transformed_;
  LearnedArray normalized_;
  LearnedArray inverse_;  // [rows]
  LearnedArray kept_;     // [graphs, padded]
  const float* left_ = nullptr;
  LearnedArray arriving_gradient_;
  LearnedArray linear_gradient_;
  LearnedArray gate_gradient_;
  LearnedArray table_gradient_;
};

}  // namespace ctnas
