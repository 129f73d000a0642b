#include "engine/network_weights.hpp"

namespace ctnas {

const Initializer& NetworkWeights::tensor(const std::string& name) const {
  const auto entry = tensors_.find("encoder." + name);
  if (entry == tensors_.end()) throw UnknownNetwork("no tensor encoder." + name);
  return entry->second;
}

bool NetworkWeights::has(const std::string& name) const {
  return tensors_.contains("encoder." + name);
}

const Initializer& NetworkWeights::get(const std::string& name,
                                       const std::vector<std::uint64_t>& shape) const {
  const Initializer& found = tensor(name);
  if (found.shape != shape) throw UnknownNetwork("encoder." + name + " has another shape");
  return found;
}

std::uint64_t NetworkWeights::width_of(const std::string& name) const {
  const Initializer& found = tensor(name);
  if (found.shape.empty()) throw UnknownNetwork("encoder." + name + " is a single number");
  return found.shape.back();
}

}  // namespace ctnas
