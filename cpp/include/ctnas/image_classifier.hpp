#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ctnas/provider.hpp"

namespace ctnas {

/// Images that a network takes.
struct ImageShape {
  std::size_t channels = 0;  ///< 1 for grey images, 3 for red, green and blue
  std::size_t height = 0;    ///< pixels
  std::size_t width = 0;     ///< pixels
  double crop = 1.0;         ///< share of an image's shorter side that is shown

  [[nodiscard]] std::size_t size() const noexcept { return channels * height * width; }
};

/// How a network is opened.
struct ImageClassifierOptions {
  Provider provider = Provider::kAuto;
  std::optional<std::filesystem::path> onnxruntime = std::nullopt;  ///< see Runtime::load
};

/// A network that `ctnas-export --network` wrote.  Any number of threads may use it.
class ImageClassifier {
 public:
  /// \param path `network.onnx`, or the directory that holds it
  /// \throws FileError if it cannot be read
  /// \throws ModelError if it is no such network, or is damaged
  /// \throws ProviderError if ONNX Runtime or the provider is not usable
  [[nodiscard]] static ImageClassifier load(const std::filesystem::path& path,
                                            const ImageClassifierOptions& options = {});
  ~ImageClassifier();
  ImageClassifier(ImageClassifier&&) noexcept;
  ImageClassifier& operator=(ImageClassifier&&) noexcept;

  [[nodiscard]] const ImageShape& shape() const noexcept;
  [[nodiscard]] const std::vector<std::string>& classes() const noexcept;

  /// The logits [N, classes] of images [N, channels, height, width], pixels from 0 to 255.
  /// \throws InvalidInput if the bytes are not a whole number of images, or none
  /// \throws ModelError, ProviderError if the network cannot be run
  [[nodiscard]] std::vector<float> logits(std::span<const std::uint8_t> images) const;

 private:
  struct State;
  explicit ImageClassifier(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace ctnas
