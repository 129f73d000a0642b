#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "embedding/comparator_graph.hpp"
#include "runtime/device.hpp"
#include "runtime/session.hpp"

namespace ctnas {

/// Memory of a session's device that a model reads and writes, bound to it once; for one thread at
/// a time.
///
/// **What is made when.**  A lane allocates, once, room on the device for `rows` rows of every
/// input and output.  The first run of some number of rows makes a binding over the beginning of
/// that memory; numbers are rounded up to a power of two, so that there are few of them.  After
/// that a run allocates nothing, binds nothing and looks up no name.
///
/// **What is copied when.**  A run copies its rows from the host into the device's memory, has the
/// model run there, and copies the scores back.  Nothing else moves: a tensor that already is
/// where the model needs it is bound as it is.  A tensor of the host, in contrast, is copied when
/// it is bound and never again, so that later rows would not be seen (ONNX Runtime's documentation
/// of `IoBinding`); that is why the inputs have to be memory of the device.  Page-locked memory of
/// the host would save the driver a copy of its own, but would need one here in exchange.
///
/// **Rows left over.**  Rows between the last one scored and the end of a binding hold what an
/// earlier run left there, or the graph of padding that a new lane is filled with: valid graphs,
/// whose scores are not looked at.
///
/// No stream of our own and no CUDA graph: the runtime waits for its stream at the end of a run
/// unless an option of the run says otherwise, and large chunks make the time to launch kernels
/// small.
class BoundLane {
 public:
  /// \throws ModelError, or ProviderError on CUDA, if the memory is not to be had
  BoundLane(std::shared_ptr<const Session> session, const Signature& signature, std::size_t nodes,
            std::shared_ptr<const Device> device, std::size_t rows);

  /// Scores the rows [first, last), at most as many as the lane has room for.
  ///
  /// After an error, what the lane holds is undefined.
  /// \throws ModelError, or ProviderError on CUDA
  void run(std::span<const std::span<const std::byte>> inputs,
           std::span<const std::span<float>> scores, std::size_t first, std::size_t last);

 private:
  /// Room on the device for one input or output.
  struct Buffer {
    NamedRole role;
    std::size_t bytes_of_row;
    abi::Handle<abi::Value> owner;
    void* data;
  };
  using Binding = abi::Handle<abi::IoBinding>;

  [[nodiscard]] Buffer allocate(const NamedRole& role) const;
  void fill_with_padding(const Buffer& input) const;
  [[nodiscard]] const abi::IoBinding* binding_for(std::size_t rows);
  [[nodiscard]] Binding bind(std::size_t rows) const;
  [[nodiscard]] abi::Handle<abi::Value> view(const Buffer& buffer, std::size_t rows) const;

  // What is used comes before what uses it: the last is destroyed first.
  std::shared_ptr<const Session> session_;
  std::shared_ptr<const Device> device_;
  std::size_t nodes_;
  std::size_t rows_;
  abi::Handle<abi::Allocator> allocator_;
  std::vector<Buffer> inputs_;
  std::vector<Buffer> outputs_;
  std::map<std::size_t, Binding> bindings_;
};

}  // namespace ctnas
