#include "fixtures.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace ctnas::testing {

std::filesystem::path model_path(const char* name) {
  const char* directory = std::getenv("CTNAS_TEST_MODELS");
  if (directory == nullptr) throw std::runtime_error("CTNAS_TEST_MODELS is not set: use ctest");
  return std::filesystem::path(directory) / name;
}

std::vector<std::byte> model_bytes(const char* name) {
  std::ifstream file(model_path(name), std::ios::binary);
  const std::vector<char> text(std::istreambuf_iterator<char>(file), {});
  std::vector<std::byte> bytes;
  for (const char character : text) bytes.push_back(static_cast<std::byte>(character));
  return bytes;
}

Graphs::Graphs(std::size_t rows, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_int_distribution<int> edge(0, 1);
  std::uniform_int_distribution<std::int64_t> operation(0, kVocabularySize - 1);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t from = 0; from < kNodes; ++from) {
      operations.push_back(operation(generator));
      for (std::size_t to = 0; to < kNodes; ++to) {
        adjacency.push_back(static_cast<std::uint8_t>(from < to ? edge(generator) : 0));
      }
    }
  }
}

std::vector<double> draw_normal(std::size_t count, unsigned seed, double deviation) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal(0.0, deviation);
  std::vector<double> numbers(count);
  for (double& number : numbers) number = normal(generator);
  return numbers;
}

}  // namespace ctnas::testing
