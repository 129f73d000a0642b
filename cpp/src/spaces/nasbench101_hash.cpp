// The published hash: a vertex starts as the MD5 of its degrees and its label; as many times as
// there are vertices, it becomes the MD5 of its sorted predecessors, its sorted successors and
// itself; the hash of the cell is the MD5 of the list of all vertices, sorted.
#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "ctnas/nasbench101.hpp"
#include "parallel.hpp"
#include "spaces/nasbench101_md5.hpp"

namespace ctnas::nasbench101 {
namespace {

constexpr std::size_t kBlockOfCells = 64;

/// A digest as 32 hexadecimal characters, whose order is the one of the digests.
using Hex = std::array<char, 32>;

Hex to_hex(const Digest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  Hex hex;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    hex[2 * i] = kDigits[digest[i] >> 4U];
    hex[2 * i + 1] = kDigits[digest[i] & 15U];
  }
  return hex;
}

std::string_view text(const Hex& hex) { return {hex.data(), hex.size()}; }

/// Vertices of many cells, all of which are hashed in step.
class VertexHashes {
 public:
  explicit VertexHashes(std::span<const Cell> cells) : cells_(cells) {
    starts_.push_back(0);
    for (const Cell& cell : cells) starts_.push_back(starts_.back() + cell.vertices);
    messages_.resize(starts_.back());
    digests_.resize(starts_.back());
    hexes_.resize(starts_.back());
    start();
  }

  /// One refinement of those cells that have more than `round` vertices.
  void refine(std::size_t round) {
    for (std::size_t index = 0; index < cells_.size(); ++index) {
      if (cells_[index].vertices > round) write_neighborhoods(cells_[index], starts_[index]);
    }
    digest([&](std::size_t index) { return cells_[index].vertices > round; });
  }

  void finish(std::span<Hash> hashes) {
    std::vector<Md5Message> messages(cells_.size());
    for (std::size_t index = 0; index < cells_.size(); ++index) {
      const auto first = hexes_.begin() + static_cast<std::ptrdiff_t>(starts_[index]);
      std::sort(first, first + cells_[index].vertices);
      write_list({first, first + cells_[index].vertices}, messages[index]);
    }
    md5(messages, hashes);
  }

 private:
  void start() {
    for (std::size_t index = 0; index < cells_.size(); ++index) {
      const Cell& cell = cells_[index];
      std::array<int, kMaxVertices> in_degrees{};
      for (const std::uint8_t successors : cell.successors) {
        for (std::size_t j = 0; j < kMaxVertices; ++j) in_degrees[j] += successors >> j & 1;
      }
      for (std::size_t v = 0; v < cell.vertices; ++v) {
        Md5Message& message = messages_[starts_[index] + v];
        message.clear();
        message.append("(");
        message.append(std::to_string(std::popcount(cell.successors[v])));
        message.append(", ");
        message.append(std::to_string(in_degrees[v]));
        message.append(", ");
        message.append(label(cell.operations[v]));
        message.append(")");
        message.finish();
      }
    }
    digest([](std::size_t) { return true; });
  }

  static std::string_view label(std::uint8_t operation) {
    constexpr std::array<std::string_view, 6> kLabels{"", "-1", "-2", "0", "1", "2"};
    return kLabels[operation];
  }

  void write_neighborhoods(const Cell& cell, std::size_t start) {
    // Visiting in ascending order of hashes writes every neighborhood sorted.
    std::array<std::size_t, kMaxVertices> order{};
    for (std::size_t v = 0; v < cell.vertices; ++v) {
      std::size_t place = v;
      for (; place > 0 && digests_[start + v] < digests_[start + order[place - 1]]; --place) {
        order[place] = order[place - 1];
      }
      order[place] = v;
    }
    const auto visited = std::span(order).first(cell.vertices);
    for (std::size_t v = 0; v < cell.vertices; ++v) {
      Md5Message& message = messages_[start + v];
      message.clear();
      for (const std::size_t w : visited) {
        if ((cell.successors[w] >> v & 1U) != 0) message.append(text(hexes_[start + w]));
      }
      message.append("|");
      for (const std::size_t w : visited) {
        if ((cell.successors[v] >> w & 1U) != 0) message.append(text(hexes_[start + w]));
      }
      message.append("|");
      message.append(text(hexes_[start + v]));
      message.finish();
    }
  }

  template <typename Wanted>
  void digest(const Wanted& wanted) {
    // Cells of equally many vertices mostly stand together: whole stretches are hashed at once.
    std::size_t first = 0;
    while (first < cells_.size()) {
      std::size_t last = first;
      while (last < cells_.size() && wanted(last)) ++last;
      const std::size_t begin = starts_[first];
      const std::size_t count = starts_[last] - begin;
      md5(std::span(messages_).subspan(begin, count), std::span(digests_).subspan(begin, count));
      for (std::size_t v = begin; v < begin + count; ++v) hexes_[v] = to_hex(digests_[v]);
      first = last + 1;
    }
  }

  /// Writes the vertices of a cell as Python prints a list of strings.
  static void write_list(std::span<const Hex> sorted, Md5Message& message) {
    message.append("['");
    for (std::size_t v = 0; v < sorted.size(); ++v) {
      if (v != 0) message.append("', '");
      message.append(text(sorted[v]));
    }
    message.append("']");
    message.finish();
  }

  std::span<const Cell> cells_;
  std::vector<std::size_t> starts_;
  std::vector<Md5Message> messages_;
  std::vector<Digest> digests_;
  std::vector<Hex> hexes_;
};

}  // namespace

std::vector<Hash> hash_cells(std::span<const Cell> cells, std::size_t threads, const Poll& poll) {
  std::vector<Hash> hashes(cells.size());
  parallel_blocks(cells.size(), kBlockOfCells, resolve_threads(threads), poll,
                  [&](std::size_t first, std::size_t last) {
                    VertexHashes vertices(cells.subspan(first, last - first));
                    for (std::size_t round = 0; round < kMaxVertices; ++round) {
                      vertices.refine(round);
                    }
                    vertices.finish(std::span(hashes).subspan(first, last - first));
                  });
  return hashes;
}

}  // namespace ctnas::nasbench101
