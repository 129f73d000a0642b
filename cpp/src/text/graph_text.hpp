#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/drawn_graph.hpp"

namespace ctnas {

/// Reads a graph that is written as the upper triangle of its adjacency matrix, row by row, and the
/// operations of its nodes: `110.01.1 input|conv3x3|conv1x1|output`.
/// \param vocabulary names by id; any but the first, which is padding, may be a node's
/// \throws InvalidInput saying what is wrong
[[nodiscard]] DrawnGraph parse_graph_text(std::string_view text,
                                          std::span<const std::string> vocabulary);

/// The place of an operation among names.
/// \throws InvalidInput if it is not one of them; the message lists them
[[nodiscard]] std::size_t find_operation(std::string_view operation,
                                         std::span<const std::string> names);

/// A text in quotes, for messages.
[[nodiscard]] std::string quoted(std::string_view text);

/// The text without blanks around it.
[[nodiscard]] std::string_view trim(std::string_view text);

/// The parts of a text between separators; at least one.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace ctnas
