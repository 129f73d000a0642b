/// \file
/// Any bytes are a model that encodes architectures, with finite logits, or are refused.
#include <cmath>
#include <span>
#include <vector>

#include "claim.hpp"
#include "ctnas/encoder.hpp"
#include "ctnas/error.hpp"
#include "embedding/comparator_metadata.hpp"

namespace {

constexpr std::size_t kRows = 3;
constexpr std::size_t kMostNodes = 64;

void use(const ctnas::Encoder& encoder) {
  const auto metadata = encoder.metadata();
  static_cast<void>(ctnas::read_space(metadata));
  static_cast<void>(ctnas::read_vocabulary(metadata, encoder.vocabulary_size()));
  if (encoder.nodes() > kMostNodes) return;
  const std::vector<std::uint8_t> adjacency(kRows * encoder.nodes() * encoder.nodes());
  const std::vector<std::int64_t> operations(kRows * encoder.nodes());
  std::vector<float> challenger(kRows);
  std::vector<float> opponent(kRows);
  encoder.encode({adjacency, operations}, challenger, opponent);
  for (const auto& logits : {challenger, opponent}) {
    for (const float logit : logits) ctnas::fuzz::claim(std::isfinite(logit), "logits are finite");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ctnas::Runtime runtime = ctnas::Runtime::load();
  try {
    const ctnas::ScoringOptions options{ctnas::Provider::kCpu, 1, 0};
    use(ctnas::Encoder(runtime, std::as_bytes(std::span(data, size)), options));
  } catch (const ctnas::ModelError&) {
    return 0;
  }
  return 0;
}
