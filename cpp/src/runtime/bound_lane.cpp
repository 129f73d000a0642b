#include "runtime/bound_lane.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "runtime/row_tensor.hpp"

namespace ctnas {
namespace {

namespace slot = abi::slot;

/// Products with a single row are computed by other kernels, which round otherwise.
constexpr std::size_t kFewestRows = 2;

constexpr std::size_t kPaddingPiece = std::size_t{1} << 20;

abi::Handle<abi::Allocator> make_allocator(const Session& session, const Device& device) {
  try {
    return session.api().make<abi::Allocator>(slot::kCreateAllocator, session.get(),
                                              device.memory.get());
  } catch (const abi::CallError& error) {
    session.fail(error);
  }
}

}  // namespace

BoundLane::BoundLane(std::shared_ptr<const Session> session, const Signature& signature,
                     std::size_t nodes, std::shared_ptr<const Device> device, std::size_t rows)
    : session_(std::move(session)),
      device_(std::move(device)),
      nodes_(nodes),
      rows_(std::max(rows, kFewestRows)),
      allocator_(make_allocator(*session_, *device_)) {
  try {
    for (const NamedRole& role : signature.inputs) {
      fill_with_padding(inputs_.emplace_back(allocate(role)));
    }
    for (const NamedRole& role : signature.outputs) outputs_.push_back(allocate(role));
  } catch (const abi::CallError& error) {
    session_->fail(error);
  }
}

BoundLane::Buffer BoundLane::allocate(const NamedRole& role) const {
  const Tensor tensor = make_row_tensor(role, nodes_, nullptr, rows_);
  auto owner = session_->api().make<abi::Value>(slot::kCreateTensorAsOrtValue, allocator_.get(),
                                                tensor.shape.data(), tensor.rank,
                                                static_cast<abi::Enum>(tensor.element));
  void* data = session_->api().get<void*>(slot::kGetTensorMutableData, owner.get());
  return {role, bytes_of_row(role.role, nodes_), std::move(owner), data};
}

/// A graph of padding is all zeros.
void BoundLane::fill_with_padding(const Buffer& input) const {
  const std::size_t bytes = rows_ * input.bytes_of_row;
  const std::vector<std::byte> zeros(std::min(bytes, kPaddingPiece));
  for (std::size_t done = 0; done < bytes; done += zeros.size()) {
    device_->copy(static_cast<std::byte*>(input.data) + done, zeros.data(),
                  std::min(zeros.size(), bytes - done));
  }
}

void BoundLane::run(std::span<const std::span<const std::byte>> inputs,
                    std::span<const std::span<float>> scores, std::size_t first, std::size_t last) {
  try {
    const abi::IoBinding* binding = binding_for(last - first);
    for (std::size_t index = 0; index < inputs.size(); ++index) {
      const Buffer& buffer = inputs_[index];
      device_->copy(buffer.data, inputs[index].data() + first * buffer.bytes_of_row,
                    (last - first) * buffer.bytes_of_row);
    }
    session_->api().check(slot::kRunWithBinding, session_->get(), nullptr, binding);
    for (std::size_t index = 0; index < scores.size(); ++index) {
      const Buffer& buffer = outputs_[index];
      device_->copy(scores[index].data() + first, buffer.data,
                    (last - first) * buffer.bytes_of_row);
    }
  } catch (const abi::CallError& error) {
    session_->fail(error);
  }
}

const abi::IoBinding* BoundLane::binding_for(std::size_t rows) {
  const std::size_t bound = std::min(std::bit_ceil(std::max(rows, kFewestRows)), rows_);
  const auto known = bindings_.find(bound);
  if (known != bindings_.end()) return known->second.get();
  return bindings_.emplace(bound, bind(bound)).first->second.get();
}

BoundLane::Binding BoundLane::bind(std::size_t rows) const {
  const abi::Api& api = session_->api();
  auto binding = api.make<abi::IoBinding>(slot::kCreateIoBinding, session_->get());
  for (const Buffer& input : inputs_) {
    api.check(slot::kBindInput, binding.get(), input.role.name, view(input, rows).get());
  }
  for (const Buffer& output : outputs_) {
    api.check(slot::kBindOutput, binding.get(), output.role.name, view(output, rows).get());
  }
  return binding;
}

/// The first `rows` rows of a buffer.  A binding keeps its own reference to the view.
abi::Handle<abi::Value> BoundLane::view(const Buffer& buffer, std::size_t rows) const {
  const abi::Api& api = session_->api();
  const auto* memory =
      api.get<const abi::MemoryInfo*>(slot::kGetTensorMemoryInfo, buffer.owner.get());
  return wrap(api, memory, make_row_tensor(buffer.role, nodes_, buffer.data, rows));
}

}  // namespace ctnas
