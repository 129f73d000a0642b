#include "text/graph_text.hpp"

#include <algorithm>

#include "ctnas/error.hpp"

namespace ctnas {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

/// An empty graph whose edges are those of an upper triangle.
DrawnGraph parse_triangle(std::string_view text) {
  const std::vector<std::string_view> rows = split(text, '.');
  const std::size_t nodes = rows.size() + 1;
  bool is_triangle = text.find_first_not_of("01.") == std::string_view::npos;
  for (std::size_t from = 0; from < rows.size(); ++from) {
    is_triangle = is_triangle && rows[from].size() == nodes - 1 - from;
  }
  if (!is_triangle) {
    throw InvalidInput(
        "the upper triangle of a matrix is written in rows of falling length, such as "
        "1100.010.01.1, not " +
        quoted(text));
  }
  DrawnGraph graph(nodes);
  for (std::size_t from = 0; from < rows.size(); ++from) {
    for (std::size_t step = 0; step < rows[from].size(); ++step) {
      if (rows[from][step] == '1') graph.connect(from, from + 1 + step);
    }
  }
  return graph;
}

void require_ends(const DrawnGraph& graph) {
  const auto count = [&graph](std::int64_t id) {
    return std::count(graph.operations.begin(), graph.operations.end(), id);
  };
  if (count(kInputId) < 1 || count(kOutputId) != 1) {
    throw InvalidInput("a graph has at least one input and exactly one output, not " +
                       std::to_string(count(kInputId)) + " and " +
                       std::to_string(count(kOutputId)));
  }
}

}  // namespace

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  std::size_t end = 0;
  while ((end = text.find(separator)) != std::string_view::npos) {
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  parts.push_back(text);
  return parts;
}

std::size_t find_operation(std::string_view operation, std::span<const std::string> names) {
  const auto found = std::find(names.begin(), names.end(), operation);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  std::string allowed;
  for (const std::string& name : names) allowed += (allowed.empty() ? "" : ", ") + name;
  throw InvalidInput("unknown operation " + quoted(operation) + "; allowed are " + allowed);
}

std::string quoted(std::string_view text) { return std::string("'").append(text).append("'"); }

DrawnGraph parse_graph_text(std::string_view text, std::span<const std::string> vocabulary) {
  const std::string_view whole = trim(text);
  const std::size_t gap = whole.find_first_of(kBlanks);
  if (gap == std::string_view::npos) {
    throw InvalidInput("a graph is written 1100.010.01.1 input|...|output, not " + quoted(text));
  }
  DrawnGraph graph = parse_triangle(whole.substr(0, gap));
  const std::vector<std::string_view> operations = split(trim(whole.substr(gap)), '|');
  if (operations.size() != graph.nodes()) {
    throw InvalidInput(std::to_string(graph.nodes()) + " nodes need as many operations, not " +
                       std::to_string(operations.size()) + ": " + quoted(text));
  }
  const std::span<const std::string> names = vocabulary.subspan(1);
  for (std::size_t node = 0; node < graph.nodes(); ++node) {
    graph.operations[node] = static_cast<std::int64_t>(find_operation(operations[node], names)) + 1;
  }
  require_ends(graph);
  return graph;
}

}  // namespace ctnas
