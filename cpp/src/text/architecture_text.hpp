#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ctnas/graph_batch.hpp"
#include "ctnas/space.hpp"
#include "ctnas/space_text.hpp"
#include "text/declared_space.hpp"

namespace ctnas {

/// Reads architectures of one space from text, as graphs.
class ArchitectureText {
 public:
  /// \param space name of the space: nasbench101 and nasbench201 have texts of their own
  /// \param nodes V of every graph
  /// \param vocabulary names of the operations: padding, input, output, and others
  /// \param declared what is declared of the space, if anything is
  /// \throws ModelError if the declaration does not fit the graphs
  ArchitectureText(std::string space, std::size_t nodes, std::vector<std::string> vocabulary,
                   const std::optional<DeclaredSpace>& declared = std::nullopt);

  [[nodiscard]] const std::string& space() const noexcept { return space_; }
  [[nodiscard]] const std::vector<std::string>& vocabulary() const noexcept { return vocabulary_; }
  [[nodiscard]] std::size_t nodes() const noexcept { return nodes_; }

  /// The graph that a text stands for, without its dead nodes.
  /// \throws InvalidInput saying what is wrong with the text
  [[nodiscard]] ArchitectureGraphs read(std::string_view text) const;

 private:
  struct Declared {
    Space space;
    SpaceText text;
    DeclaredSpace as;
  };

  [[nodiscard]] ArchitectureGraphs read_declared(std::string_view text) const;
  /// \throws InvalidInput naming the constraint that a row breaks
  void require_allowed(std::span<const std::int16_t> row) const;

  [[nodiscard]] ArchitectureGraphs read_graph(std::string_view text) const;

  std::string space_;
  std::size_t nodes_;
  std::vector<std::string> vocabulary_;
  std::unique_ptr<const Declared> declared_;
};

}  // namespace ctnas
