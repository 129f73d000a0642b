#include "runtime/lane_pool.hpp"

#include <utility>

namespace ctnas {

LanePool::LanePool(std::shared_ptr<const Session> session, const Signature& signature,
                   std::size_t nodes, Device device, std::size_t rows)
    : session_(std::move(session)),
      signature_(signature),
      nodes_(nodes),
      device_(std::make_shared<const Device>(std::move(device))),
      rows_(rows) {}

void LanePool::run(std::span<const std::span<const std::byte>> inputs,
                   std::span<const std::span<float>> scores, std::size_t first,
                   std::size_t last) const {
  Lane lane = take();
  lane->run(inputs, scores, first, last);
  // Not after an error: who knows what a lane holds then.
  const std::scoped_lock lock(mutex_);
  idle_.push_back(std::move(lane));
}

LanePool::Lane LanePool::take() const {
  {
    const std::scoped_lock lock(mutex_);
    if (!idle_.empty()) {
      Lane lane = std::move(idle_.back());
      idle_.pop_back();
      return lane;
    }
  }
  return std::make_unique<BoundLane>(session_, signature_, nodes_, device_, rows_);
}

}  // namespace ctnas
