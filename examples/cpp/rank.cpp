/// \file
/// Ranks a CSV file of architectures with an exported comparator, as `ctnas-rank` does.
///
///     rank COMPARATOR FILE [TOP]
///
/// COMPARATOR is the directory of an exported comparator, FILE has a column `architecture`.

#include <charconv>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "ctnas/comparator.hpp"

namespace {

/// The cells of one line of a CSV file; cells in quotes may hold commas, and quotes twice.
std::vector<std::string> split_cells(std::string_view line) {
  std::vector<std::string> cells(1);
  bool is_quoted = false;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const bool is_quote = line[at] == '"';
    const bool is_doubled = is_quote && is_quoted && line.substr(at + 1).starts_with('"');
    if (is_doubled) {
      cells.back() += line[at++];
    } else if (is_quote) {
      is_quoted = !is_quoted;
    } else if (line[at] == ',' && !is_quoted) {
      cells.emplace_back();
    } else {
      cells.back() += line[at];
    }
  }
  return cells;
}

/// A cell as a CSV file holds it.
std::string join_cell(const std::string& text) {
  if (text.find_first_of(",\"") == std::string::npos) return text;
  std::string cell = "\"";
  for (const char character : text) cell += character == '"' ? "\"\"" : std::string(1, character);
  return cell + '"';
}

struct Table {
  std::vector<std::string> architectures;
  std::vector<std::size_t> rows;  ///< where each stands in the file; row 1 is the header
};

bool read_line(std::istream& file, std::string& line) {
  if (!std::getline(file, line)) return false;
  if (line.ends_with('\r')) line.pop_back();
  return true;
}

std::size_t find_column(const std::vector<std::string>& header, const std::string& path) {
  for (std::size_t column = 0; column < header.size(); ++column) {
    if (header[column] == "architecture") return column;
  }
  throw std::runtime_error(path + " has no column 'architecture'");
}

Table read_table(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!read_line(file, line)) throw std::runtime_error(path + ": cannot be read");
  // Spreadsheets begin UTF-8 with a byte order mark.
  if (constexpr std::string_view mark = "\xEF\xBB\xBF"; line.starts_with(mark)) {
    line.erase(0, mark.size());
  }
  const std::size_t column = find_column(split_cells(line), path);
  Table table;
  for (std::size_t row = 2; read_line(file, line); ++row) {
    if (line.empty()) continue;
    const auto cells = split_cells(line);
    if (column >= cells.size()) {
      throw std::runtime_error(path + ", row " + std::to_string(row) + ": no architecture");
    }
    table.architectures.push_back(cells[column]);
    table.rows.push_back(row);
  }
  return table;
}

ctnas::ArchitectureGraphs parse(const ctnas::Comparator& comparator, const Table& table,
                                const std::string& path) {
  ctnas::ArchitectureGraphs graphs;
  for (std::size_t index = 0; index < table.rows.size(); ++index) {
    try {
      comparator.parse(table.architectures[index], graphs);
    } catch (const ctnas::InvalidInput& error) {
      throw std::runtime_error(path + ", row " + std::to_string(table.rows[index]) + ": " +
                               error.what());
    }
  }
  return graphs;
}

std::size_t parse_top(std::string_view text) {
  std::size_t top = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), top);
  if (error != std::errc() || end != text.data() + text.size() || top == 0) {
    throw std::runtime_error("TOP must be a whole number of at least 1, not '" + std::string(text) +
                             "'");
  }
  return top;
}

void print(const ctnas::Ranking& ranking, const Table& table) {
  std::puts("rank,row,win_probability,architecture");
  for (std::size_t place = 0; place < ranking.indices.size(); ++place) {
    const auto index = static_cast<std::size_t>(ranking.indices[place]);
    std::printf("%zu,%zu,%.6f,%s\n", place + 1, table.rows[index], ranking.win_probability[place],
                join_cell(table.architectures[index]).c_str());
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3 && count != 4) {
    std::fputs("usage: rank COMPARATOR FILE [TOP]\n", stderr);
    return 2;
  }
  try {
    const std::string path = arguments[2];
    const std::size_t top = count == 4 ? parse_top(arguments[3]) : 10;
    const auto comparator = ctnas::Comparator::load(arguments[1]);
    const Table table = read_table(path);
    print(comparator.rank(parse(comparator, table, path).batch(), top), table);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "rank: error: %s\n", error.what());
    return 2;
  }
  return 0;
}
