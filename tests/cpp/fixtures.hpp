/// \file
/// Models and architectures that tests share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <random>
#include <vector>

#include "ctnas/graph_batch.hpp"

namespace ctnas::testing {

inline constexpr std::size_t kNodes = 7;
inline constexpr std::int64_t kVocabularySize = 6;
#ifdef CTNAS_ENGINE
inline constexpr bool kHasEngine = true;
#else
inline constexpr bool kHasEngine = false;
#endif

/// A file that `models.py` wrote.
[[nodiscard]] std::filesystem::path model_path(const char* name);
[[nodiscard]] std::vector<std::byte> model_bytes(const char* name);

/// Random architectures and the memory that they live in.
struct Graphs {
  explicit Graphs(std::size_t rows, unsigned seed = 0);

  [[nodiscard]] GraphBatch batch() const { return {adjacency, operations}; }

  std::vector<std::uint8_t> adjacency;
  std::vector<std::int64_t> operations;
};

/// Numbers from a normal distribution.
[[nodiscard]] std::vector<double> draw_normal(std::size_t count, unsigned seed,
                                              double deviation = 1.0);

}  // namespace ctnas::testing
