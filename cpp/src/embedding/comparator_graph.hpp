/// \file
/// What an exported model must look like to be one of ours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "runtime/session.hpp"

namespace ctnas {

/// Sizes that the metadata of an exported comparator state.
struct ComparatorSize {
  std::size_t nodes;             ///< V: nodes of every graph
  std::int64_t vocabulary_size;  ///< operation ids are below this

  [[nodiscard]] bool operator==(const ComparatorSize&) const = default;
};

/// Reads the metadata keys `ctnas.format`, `ctnas.nodes` and `ctnas.vocabulary_size`.
/// \throws ModelError if the model is not a ctnas comparator or of a format from the future
[[nodiscard]] ComparatorSize read_size(const Session& session);

/// The kinds of tensor that our models have.
enum class Role {
  kAdjacency,   ///< uint8 [N, V, V]
  kOperations,  ///< int64 [N, V]
  kScore,       ///< float32 [N]
};

struct NamedRole {
  const char* name;
  Role role;
};

/// Inputs and outputs that a model of ours must have.
struct Signature {
  std::span<const NamedRole> inputs;
  std::span<const NamedRole> outputs;  // all of Role::kScore
};

/// The type that a tensor of ours has in a model for graphs of `nodes` nodes.
[[nodiscard]] TensorType declared_type(const NamedRole& tensor, std::size_t nodes);

/// \throws ModelError if the model has other inputs or outputs than these
void require_signature(const Session& session, std::size_t nodes, std::span<const NamedRole> inputs,
                       std::span<const NamedRole> outputs);

}  // namespace ctnas
