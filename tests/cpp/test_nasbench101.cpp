#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "catch2.hpp"
#include "ctnas/error.hpp"
#include "ctnas/nasbench101.hpp"
#include "spaces/nasbench101_md5.hpp"

namespace {

using namespace ctnas::nasbench101;

std::string hex(const Digest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : digest) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

std::vector<std::array<std::int16_t, kDecisions>> random_rows(std::size_t count) {
  std::mt19937 generator(0);
  std::vector<std::array<std::int16_t, kDecisions>> rows(count);
  for (auto& row : rows) {
    for (std::size_t t = 0; t < kDecisions; ++t) {
      row[t] = static_cast<std::int16_t>(generator() % static_cast<unsigned>(kChoices[t]));
    }
  }
  return rows;
}

std::string refusal(std::span<const std::uint8_t> adjacency,
                    std::span<const std::int64_t> operations) {
  try {
    (void)read_cell(adjacency, operations);
  } catch (const ctnas::InvalidInput& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("MD5 digests are those of RFC 1321, whatever is hashed beside them") {
  const std::vector<std::pair<std::string, std::string>> known{
      {"", "d41d8cd98f00b204e9800998ecf8427e"},
      {"a", "0cc175b9c0f1b6a831c399e269772661"},
      {"abc", "900150983cd24fb0d6963f7d28e17f72"},
      {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
      {"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
      {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
       "d174ab98d277d9f5a5611c2c9f419d9f"},
      {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
       "57edf4a22be3c955ac49da2e2107b67a"}};
  for (std::size_t repeats = 1; repeats <= 3; ++repeats) {
    std::vector<Md5Message> messages(known.size() * repeats);
    for (std::size_t index = 0; index < messages.size(); ++index) {
      messages[index].append(known[index % known.size()].first);
      messages[index].finish();
    }
    std::vector<Digest> digests(messages.size());
    md5(messages, digests);
    for (std::size_t index = 0; index < messages.size(); ++index) {
      CHECK(hex(digests[index]) == known[index % known.size()].second);
    }
  }
}

TEST_CASE("MD5 takes messages up to its longest") {
  Md5Message message;
  message.append(std::string(311, 'x'));
  message.finish();
  REQUIRE(message.blocks() == Md5Message::kMaxBlocks);
}

TEST_CASE("any row of decisions is a valid cell, and the row chosen for it gives it back") {
  std::array<std::uint8_t, kMaxVertices * kMaxVertices> adjacency{};
  std::array<std::int64_t, kMaxVertices> operations{};
  std::array<std::int16_t, kDecisions> row{};
  for (const auto& drawn : random_rows(20'000)) {
    const Cell cell = decode(drawn);
    write_cell(cell, adjacency, operations);
    REQUIRE(read_cell(adjacency, operations) == cell);
    encode(cell, row);
    REQUIRE(decode(row) == cell);
  }
}

TEST_CASE("a choice that does not exist is refused by name") {
  std::array<std::int16_t, kDecisions> row{};
  row[9] = 6;
  REQUIRE_THROWS_AS(decode(row), ctnas::InvalidInput);
  row[9] = -1;
  REQUIRE_THROWS_AS(decode(row), ctnas::InvalidInput);
  REQUIRE_THROWS_AS(decode(std::span(row).first(14)), ctnas::InvalidInput);
}

TEST_CASE("a graph that is no cell is refused with the rule that it breaks") {
  std::array<std::uint8_t, kMaxVertices * kMaxVertices> adjacency{};
  std::array<std::int64_t, kMaxVertices> operations{kInput, kConv3x3, kOutput};
  const auto edge = [&](std::size_t i, std::size_t j) -> std::uint8_t& {
    return adjacency[i * kMaxVertices + j];
  };
  edge(0, 2) = 1;
  CHECK(refusal(adjacency, operations) == "a vertex lies on no path from the input to the output");
  edge(0, 1) = edge(1, 2) = 1;
  CHECK(refusal(adjacency, operations).empty());
  edge(2, 1) = 1;
  CHECK(refusal(adjacency, operations).find("from vertex 2 to 1") != std::string::npos);
  edge(2, 1) = 0;
  operations[1] = 6;
  CHECK(refusal(adjacency, operations).find("vertex 1 has operation") != std::string::npos);
  operations[1] = kOutput;
  CHECK(refusal(adjacency, operations).find("vertex 1 has operation 2") != std::string::npos);
  operations = {};
  CHECK(refusal(adjacency, operations).find("at least an input") != std::string::npos);
}

TEST_CASE("hashes do not depend on threads or on the cells around") {
  std::vector<Cell> cells;
  for (const auto& row : random_rows(300)) cells.push_back(decode(row));
  const std::vector<Hash> hashes = hash_cells(cells, 1, {});
  REQUIRE(hash_cells(cells, 2, {}) == hashes);
  for (std::size_t index = 0; index < cells.size(); index += 50) {
    REQUIRE(hash_cells(std::span(cells).subspan(index, 1), 1, {})[0] == hashes[index]);
  }
}
