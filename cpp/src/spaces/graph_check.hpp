#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ctnas/graph_batch.hpp"
#include "ctnas/poll.hpp"
#include "embedding/comparator_graph.hpp"

namespace ctnas {

/// Checks architecture graphs before a model sees them: a model would take a wrong edge or an id of
/// -1 without a word.
class GraphCheck {
 public:
  /// \param suffix what the names of the arrays end in, in messages: "", "_a" or "_b"
  GraphCheck(ComparatorSize size, std::string suffix);

  /// Checks all graphs of a batch, on up to `threads` threads.
  /// \throws InvalidInput unless the batch holds `rows` graphs, or naming the first wrong entry
  void require_valid(const GraphBatch& batch, std::size_t rows, std::size_t threads,
                     const Poll& poll) const;

 private:
  void require_rows(const GraphBatch& batch, std::size_t rows) const;
  void require_edges(const std::uint8_t* graph, std::size_t row) const;
  void require_operations(const std::int64_t* operations, std::size_t row) const;
  [[noreturn]] void refuse_edges(const std::uint8_t* graph, std::size_t row) const;

  ComparatorSize size_;
  std::string suffix_;
  std::vector<std::uint8_t> forbidden_bits_;  // [V, V]
};

}  // namespace ctnas
