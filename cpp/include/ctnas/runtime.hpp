#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace ctnas {

/// ONNX Runtime, opened while the program runs.  A process loads it once and keeps it to its end;
/// an object of this class is a reference to it that costs nothing to copy.
class Runtime {
 public:
  /// Loads ONNX Runtime at the first call; later calls return the one that is loaded.
  ///
  /// The library is the first of these that is given: `requested`, the environment variable
  /// `CTNAS_ONNXRUNTIME`, `installed`, whatever the system loader finds.  Its telemetry is switched
  /// off unless `ORT_DISABLE_TELEMETRY` says otherwise.
  ///
  /// \param requested path that the user named
  /// \param installed path of a library that came with the program
  /// \throws ProviderError if no library can be loaded, if it is too old, or if `requested` is not
  ///     the library that is loaded already
  [[nodiscard]] static Runtime load(
      const std::optional<std::filesystem::path>& requested = std::nullopt,
      const std::optional<std::filesystem::path>& installed = std::nullopt);

  /// Version of the library, for instance "1.20.1".
  [[nodiscard]] const std::string& version() const noexcept;

  /// The library file, or the name by which the system loader found it.
  [[nodiscard]] const std::filesystem::path& path() const noexcept;

  /// Providers that the library was compiled with.  Whether one works here is another question.
  [[nodiscard]] std::vector<std::string> available_providers() const;

  struct State;
  /// What the sources of this library need to make calls.
  [[nodiscard]] const State& state() const noexcept { return *state_; }

 private:
  explicit Runtime(const State& state) : state_(&state) {}

  const State* state_;
};

}  // namespace ctnas
