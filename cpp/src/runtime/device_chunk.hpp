#pragma once

#include <cstddef>

#include "embedding/comparator_graph.hpp"

namespace ctnas {

/// Rows of one run on a GPU: a power of two, so many that the kernels fill the device and the time
/// to launch them is small beside their work, but not so many that activations need more than about
/// 1 GiB.
///
/// The signature says what the graphs of a row are; that a node takes 4 KiB (four arrays of 256
/// floats that live at once) is an assumption on the safe side of the networks that ctnas exports.
/// For graphs of 7 nodes that makes 32,768 rows, 16,384 if a row is a pair of them.
[[nodiscard]] std::size_t device_chunk(const Signature& signature, std::size_t nodes);

}  // namespace ctnas
