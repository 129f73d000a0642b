#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/initializers.hpp"

namespace ctnas {

/// A model whose weights are not those of an encoder that is known here; not a fault of the model.
class UnknownNetwork : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The weights of an encoder by the names that the export gives them.
class NetworkWeights {
 public:
  explicit NetworkWeights(std::span<const std::byte> model) : tensors_(read_initializers(model)) {}

  [[nodiscard]] bool has(const std::string& name) const;

  /// The tensor `encoder.<name>`.
  /// \throws UnknownNetwork unless it is there with this shape
  [[nodiscard]] const Initializer& get(const std::string& name,
                                       const std::vector<std::uint64_t>& shape) const;

  /// Length of the last dimension of `encoder.<name>`.
  /// \throws UnknownNetwork if there is no such tensor
  [[nodiscard]] std::uint64_t width_of(const std::string& name) const;

 private:
  [[nodiscard]] const Initializer& tensor(const std::string& name) const;

  std::map<std::string, Initializer> tensors_;
};

}  // namespace ctnas
