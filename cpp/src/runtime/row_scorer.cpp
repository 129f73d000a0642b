#include "runtime/row_scorer.hpp"

#include <array>
#include <cmath>
#include <string>

#include "ctnas/error.hpp"
#include "runtime/row_tensor.hpp"
#include "text/number_text.hpp"

namespace ctnas {
namespace {

using Bytes = std::vector<std::byte>;

}  // namespace

RowScorer::RowScorer(const Session& session, const Signature& signature, std::size_t nodes,
                     std::span<const std::span<const std::byte>> inputs,
                     std::span<const std::span<float>> scores, const LanePool* lanes)
    : session_(session),
      signature_(signature),
      nodes_(nodes),
      inputs_(inputs),
      scores_(scores),
      lanes_(lanes) {}

void RowScorer::score(std::size_t first, std::size_t last) const {
  run(first, last);
  for (std::size_t index = 0; index < scores_.size(); ++index) {
    require_finite_scores(signature_.outputs[index].name, scores_[index], first, last);
  }
}

void RowScorer::run(std::size_t first, std::size_t last) const {
  if (lanes_ != nullptr) {
    lanes_->run(inputs_, scores_, first, last);
  } else if (last - first == 1) {
    score_one_row(first);
  } else {
    score_rows(first, last);
  }
}

void RowScorer::score_rows(std::size_t first, std::size_t last) const {
  std::vector<Tensor> inputs;
  for (std::size_t index = 0; index < inputs_.size(); ++index) {
    const NamedRole& role = signature_.inputs[index];
    const std::byte* row = inputs_[index].data() + first * bytes_of_row(role.role, nodes_);
    inputs.push_back(make_row_tensor(role, nodes_, row, last - first));
  }
  std::vector<Tensor> outputs;
  for (std::size_t index = 0; index < scores_.size(); ++index) {
    const float* row = scores_[index].data() + first;
    outputs.push_back(make_row_tensor(signature_.outputs[index], nodes_, row, last - first));
  }
  session_.run(inputs, outputs);
}

/// Products with a single row are computed by other kernels, which round otherwise.  A row gets the
/// same bits alone as among others when it is never alone.
void RowScorer::score_one_row(std::size_t row) const {
  std::vector<Bytes> twins;
  for (std::size_t index = 0; index < inputs_.size(); ++index) {
    const std::size_t bytes = bytes_of_row(signature_.inputs[index].role, nodes_);
    const auto one = inputs_[index].subspan(row * bytes, bytes);
    Bytes& twin = twins.emplace_back(one.begin(), one.end());
    twin.insert(twin.end(), one.begin(), one.end());
  }
  const std::vector<std::span<const std::byte>> inputs(twins.begin(), twins.end());
  std::vector<std::array<float, 2>> twin_scores(scores_.size());
  const std::vector<std::span<float>> scores(twin_scores.begin(), twin_scores.end());
  RowScorer(session_, signature_, nodes_, inputs, scores).score_rows(0, 2);
  for (std::size_t index = 0; index < scores_.size(); ++index) {
    scores_[index][row] = twin_scores[index][0];
  }
}

void require_finite_scores(const char* name, std::span<const float> score, std::size_t first,
                           std::size_t last) {
  for (std::size_t row = first; row < last; ++row) {
    if (std::isfinite(score[row])) continue;
    throw ModelError("the model is damaged: " + std::string(name) + "[" + std::to_string(row) +
                     "] is " + number_text(score[row]));
  }
}

void score_padding(const Session& session, const Signature& signature, std::size_t nodes) {
  std::vector<Bytes> rows;
  for (const NamedRole& input : signature.inputs) {
    rows.emplace_back(bytes_of_row(input.role, nodes));
  }
  const std::vector<std::span<const std::byte>> inputs(rows.begin(), rows.end());
  std::vector<std::array<float, 1>> values(signature.outputs.size());
  const std::vector<std::span<float>> scores(values.begin(), values.end());
  RowScorer(session, signature, nodes, inputs, scores).score(0, 1);
}

}  // namespace ctnas
