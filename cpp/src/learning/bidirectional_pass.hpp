#pragma once

#include <vector>

#include "learning/affine_map.hpp"
#include "learning/network_pass.hpp"

namespace ctnas {

/// Residual graph convolutions that treat successors, predecessors and the node itself apart.  The
/// first layer sees operations only: what a node sends is a row of a table.
class BidirectionalPass final : public NetworkPass {
 public:
  explicit BidirectionalPass(const LearningShape& shape);

 private:
  struct Layer {
    AffineMap messages;
    std::size_t gain;
    std::size_t shift;
    LearnedArray out;      // [rows, padded]
    LearnedArray message;  // [rows, padded]
    LearnedArray kept;     // [graphs, padded]
    LearnedArray normalized;
    LearnedArray inverse;
    const float* left = nullptr;
  };

  void compute_states(const float* parameters, const Dropout& dropout) override;
  void go_back(const float* parameters, float* gradient) override;
  void convolve(const float* parameters, const Dropout& dropout, std::size_t index);
  void convolve_back(const float* parameters, std::size_t index, float* gradient);
  void leave_operations(float* gradient);

  std::vector<Layer> layers_;
  LearnedArray embedding_table_;  // [operations, padded]
  LearnedArray messages_;         // [rows or operations, 3, padded]
  LearnedArray aggregated_;       // [rows, padded]
  LearnedArray table_gradient_;
};

}  // namespace ctnas
