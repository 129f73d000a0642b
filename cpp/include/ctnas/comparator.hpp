/// \file
/// An exported comparator in a C++ program: load it, compare architectures, rank them.
///
///     const auto comparator = ctnas::Comparator::load("runs/latest");
///     const ctnas::ArchitectureGraphs graphs = comparator.parse(texts);
///     const ctnas::Ranking best = comparator.rank(graphs.batch(), 10);
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ctnas/error.hpp"
#include "ctnas/graph_batch.hpp"
#include "ctnas/provider.hpp"

namespace ctnas {

/// How a comparator works.  None of it changes a result on the CPU, by a single bit.
struct ComparatorOptions {
  Provider provider = Provider::kAuto;
  std::size_t threads = 0;  ///< CPU threads; 0: one for each core

  /// The library of ONNX Runtime.  Without it, it is the one that the environment variable
  /// `CTNAS_ONNXRUNTIME` names, or else whatever the system loader finds.  A process loads one
  /// library and keeps it.
  std::optional<std::filesystem::path> onnxruntime = std::nullopt;
};

/// Architectures ordered by win probability: the best first, of equals the lower index first.
struct Ranking {
  std::vector<std::int64_t> indices;    ///< [K], places in the batch that was ranked
  std::vector<double> win_probability;  ///< [K], against all others of that batch
};

/// A comparator that `export` left in a directory.
///
/// Any number of threads may use one comparator at the same time, and a forked child may go on
/// using it.  Results are those of `ctnas.Comparator` in Python.  All errors derive from
/// `ctnas::Error`; only memory that cannot be had is a `std::bad_alloc`.
class Comparator {
 public:
  /// \param path the directory that `export` wrote, or its `ranker.onnx`
  /// \throws FileError if there is no such file
  /// \throws ModelError naming the file, if it is corrupt, foreign or from a newer ctnas
  /// \throws ProviderError if ONNX Runtime or the provider that was asked for is not usable here
  [[nodiscard]] static Comparator load(const std::filesystem::path& path,
                                       const ComparatorOptions& options = {});
  ~Comparator();
  Comparator(Comparator&&) noexcept;
  Comparator& operator=(Comparator&&) noexcept;

  [[nodiscard]] const std::string& space() const noexcept;  ///< name of the search space
  [[nodiscard]] std::size_t nodes() const noexcept;         ///< V: nodes of every graph

  /// Names of the operations, by id: padding, input and output come first.
  [[nodiscard]] const std::vector<std::string>& vocabulary() const noexcept;

  /// What was exported with the weights: labels, Kendall's tau, versions.
  [[nodiscard]] const std::map<std::string, std::string>& metadata() const noexcept;

  [[nodiscard]] Provider provider() const noexcept;    ///< kCpu or kCuda
  [[nodiscard]] std::string provider_reason() const;   ///< why that one, for people
  [[nodiscard]] std::string runtime_version() const;   ///< of ONNX Runtime, such as "1.20.1"
  [[nodiscard]] std::size_t threads() const noexcept;  ///< as resolved

  /// Appends the graph that a text stands for.
  ///
  /// Architectures are read in the text of the space that the comparator was made for; only of a
  /// space that a function of its own wires, nobody but that program knows it.  Those of any space
  /// are also read as the upper triangle of the adjacency matrix, row by row, and the operations of
  /// the nodes in topological order: `110.01.1 input|conv3x3|conv1x1|output`.
  /// \throws InvalidInput saying what is wrong with the text; `graphs` is as it was
  void parse(std::string_view text, ArchitectureGraphs& graphs) const;

  /// The graphs of many texts, read on all threads.
  /// \throws InvalidInput naming the first row that cannot be read, counted from 1, and why
  [[nodiscard]] ArchitectureGraphs parse(std::span<const std::string> texts) const;

  /// P(a_n better than b_n), Eq. 3.
  /// \return [N]
  /// \throws InvalidInput if the batches differ in length, or naming the first wrong entry
  [[nodiscard]] std::vector<double> compare(const GraphBatch& a, const GraphBatch& b) const;

  /// Mean probability to win against all others of the batch, Eq. 5, in time linear in N.
  /// \return [N]
  /// \throws InvalidInput if N < 2, or naming the first wrong entry
  [[nodiscard]] std::vector<double> win_probability(const GraphBatch& architectures) const;

  /// Mean probability to win against M given opponents.
  /// \return [N]
  /// \throws InvalidInput if M < 1, or naming the first wrong entry
  [[nodiscard]] std::vector<double> win_probability(const GraphBatch& architectures,
                                                    const GraphBatch& opponents) const;

  /// Orders architectures by their win probability against each other.
  /// \param top how many to return; all if not given or more than N
  /// \throws InvalidInput as win_probability does
  [[nodiscard]] Ranking rank(const GraphBatch& architectures,
                             std::optional<std::size_t> top = std::nullopt) const;

 private:
  struct State;
  explicit Comparator(std::unique_ptr<const State> state) noexcept;

  std::unique_ptr<const State> state_;
};

}  // namespace ctnas
