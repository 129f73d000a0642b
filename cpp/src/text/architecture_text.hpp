#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ctnas/graph_batch.hpp"

namespace ctnas {

/// Reads architectures of one space from text.
class ArchitectureText {
 public:
  /// \param space name of the space: nasbench101 and nasbench201 have texts of their own
  /// \param nodes V of every graph
  /// \param vocabulary names of the operations: padding, input, output, and others
  ArchitectureText(std::string space, std::size_t nodes, std::vector<std::string> vocabulary);

  [[nodiscard]] const std::string& space() const noexcept { return space_; }
  [[nodiscard]] const std::vector<std::string>& vocabulary() const noexcept { return vocabulary_; }

  /// Appends the graph that a text stands for, without its dead nodes.
  /// \throws InvalidInput saying what is wrong with the text; `graphs` is as it was
  void read(std::string_view text, ArchitectureGraphs& graphs) const;

 private:
  std::string space_;
  std::size_t nodes_;
  std::vector<std::string> vocabulary_;
};

}  // namespace ctnas
