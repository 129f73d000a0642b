#include "runtime/device_chunk.hpp"

#include <algorithm>
#include <bit>

namespace ctnas {
namespace {

constexpr std::size_t kBudget = std::size_t{1} << 30;
constexpr std::size_t kBytesOfNode = sizeof(float) * 4 * 256;
constexpr std::size_t kFewestRows = 64;
constexpr std::size_t kMostRows = 65536;

}  // namespace

std::size_t device_chunk(const Signature& signature, std::size_t nodes) {
  const auto graphs = static_cast<std::size_t>(
      std::count_if(signature.inputs.begin(), signature.inputs.end(),
                    [](const NamedRole& input) { return input.role == Role::kAdjacency; }));
  // Every edge is a float where the model multiplies by the adjacency.
  const std::size_t row = graphs * nodes * (kBytesOfNode + nodes * sizeof(float));
  return std::clamp(std::bit_floor(kBudget / row), kFewestRows, kMostRows);
}

}  // namespace ctnas
