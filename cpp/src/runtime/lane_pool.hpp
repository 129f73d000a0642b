#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "runtime/bound_lane.hpp"

namespace ctnas {

/// As many lanes over one session as threads use it at the same time; made when first needed and
/// kept as long as the pool.
class LanePool {
 public:
  /// \param rows what every lane has room for
  LanePool(std::shared_ptr<const Session> session, const Signature& signature, std::size_t nodes,
           Device device, std::size_t rows);

  /// Scores the rows [first, last) of a batch, in a lane that no other thread uses.
  /// \throws ModelError, or ProviderError on CUDA
  void run(std::span<const std::span<const std::byte>> inputs,
           std::span<const std::span<float>> scores, std::size_t first, std::size_t last) const;

 private:
  using Lane = std::unique_ptr<BoundLane>;

  [[nodiscard]] Lane take() const;

  std::shared_ptr<const Session> session_;
  Signature signature_;
  std::size_t nodes_;
  std::shared_ptr<const Device> device_;
  std::size_t rows_;
  mutable std::mutex mutex_;
  mutable std::vector<Lane> idle_;
};

}  // namespace ctnas
