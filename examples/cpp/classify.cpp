/// \file
/// Classifies image files with an exported network.
///
///     classify NETWORK FILE...
///
/// NETWORK is network.onnx, or the directory that holds it; every FILE is a binary PGM or PPM of
/// 8 bits.

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "ctnas/image_classifier.hpp"

namespace {

/// Pixels [height, width, channels].
struct Image {
  std::size_t height = 0;
  std::size_t width = 0;
  std::size_t channels = 0;
  std::vector<double> pixels;

  [[nodiscard]] double at(std::size_t row, std::size_t column, std::size_t channel) const {
    return pixels[(row * width + column) * channels + channel];
  }
};

/// The next number of the header, behind spaces and comments.
std::size_t read_number(std::istream& file, const std::string& path) {
  while (std::isspace(file.peek()) != 0 || file.peek() == '#') {
    if (file.get() == '#') file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  std::size_t number = 0;
  if (!(file >> number) || number == 0 || number > 65535) {
    throw std::runtime_error(path + ": its header is damaged");
  }
  return number;
}

Image read_image(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string kind(2, ' ');
  if (!file.read(kind.data(), 2)) throw std::runtime_error(path + ": cannot be read");
  if (kind != "P5" && kind != "P6") throw std::runtime_error(path + ": is no PGM or PPM file");
  Image image;
  image.channels = kind == "P5" ? 1 : 3;
  image.width = read_number(file, path);
  image.height = read_number(file, path);
  const std::size_t largest = read_number(file, path);
  if (largest > 255) throw std::runtime_error(path + ": has more than 8 bits");
  file.get();
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  if (bytes.size() < image.height * image.width * image.channels) {
    throw std::runtime_error(path + ": ends too early");
  }
  image.pixels.resize(image.height * image.width * image.channels);
  for (std::size_t place = 0; place < image.pixels.size(); ++place) {
    const double value = static_cast<unsigned char>(bytes[place]);
    image.pixels[place] = std::nearbyint(value * 255.0 / static_cast<double>(largest));
  }
  return image;
}

/// The image in grey, or in color.
Image in_channels(const Image& image, std::size_t channels) {
  if (image.channels == channels) return image;
  Image made{image.height, image.width, channels, {}};
  for (std::size_t place = 0; place < image.pixels.size(); place += image.channels) {
    const double* pixel = &image.pixels[place];
    const double grey =
        image.channels == 1
            ? pixel[0]
            : std::nearbyint(0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2]);
    made.pixels.insert(made.pixels.end(), channels, grey);
  }
  return made;
}

/// Rows resampled to `count` by a triangle, which is as wide as the scale where the image shrinks.
Image resize_rows(const Image& image, std::size_t count) {
  Image made{count, image.width, image.channels, {}};
  const std::size_t row_size = image.width * image.channels;
  made.pixels.assign(count * row_size, 0.0);
  const double scale = static_cast<double>(image.height) / static_cast<double>(count);
  const double reach = std::max(scale, 1.0);
  for (std::size_t row = 0; row < count; ++row) {
    const double center = (static_cast<double>(row) + 0.5) * scale;
    std::vector<double> weights(image.height);
    double total = 0.0;
    for (std::size_t from = 0; from < image.height; ++from) {
      const double distance = std::abs(static_cast<double>(from) + 0.5 - center);
      total += weights[from] = std::max(0.0, 1.0 - distance / reach);
    }
    for (std::size_t from = 0; from < image.height; ++from) {
      for (std::size_t place = 0; place < row_size; ++place) {
        made.pixels[row * row_size + place] +=
            weights[from] / total * image.pixels[from * row_size + place];
      }
    }
  }
  return made;
}

Image transposed(const Image& image) {
  Image made{image.width, image.height, image.channels, {}};
  for (std::size_t column = 0; column < image.width; ++column) {
    for (std::size_t row = 0; row < image.height; ++row) {
      for (std::size_t channel = 0; channel < image.channels; ++channel) {
        made.pixels.push_back(image.at(row, column, channel));
      }
    }
  }
  return made;
}

/// Adds the middle of an image, resized, as a network takes it: [channels, height, width].
void append(const Image& read, const ctnas::ImageShape& shape, std::vector<std::uint8_t>& images) {
  Image image = in_channels(read, shape.channels);
  const std::size_t shorter = std::min(image.height, image.width);
  const auto scaled =
      static_cast<std::size_t>(std::ceil(static_cast<double>(shape.height) / shape.crop));
  if (shorter != scaled) {
    const std::size_t height = image.height * scaled / shorter;
    const std::size_t width = image.width * scaled / shorter;
    image = resize_rows(transposed(resize_rows(transposed(image), width)), height);
  }
  const auto middle = [](std::size_t outer, std::size_t inner) {
    return static_cast<std::size_t>(std::nearbyint(static_cast<double>(outer - inner) / 2.0));
  };
  const std::size_t top = middle(image.height, shape.height);
  const std::size_t left = middle(image.width, shape.width);
  for (std::size_t channel = 0; channel < shape.channels; ++channel) {
    for (std::size_t row = 0; row < shape.height; ++row) {
      for (std::size_t column = 0; column < shape.width; ++column) {
        const double value = image.at(top + row, left + column, channel);
        images.push_back(static_cast<std::uint8_t>(std::clamp(std::nearbyint(value), 0.0, 255.0)));
      }
    }
  }
}

/// The place of the largest logit, and the probability of that class.
std::pair<std::size_t, double> best_of(const float* logits, std::size_t classes) {
  const auto best = static_cast<std::size_t>(std::max_element(logits, logits + classes) - logits);
  double total = 0.0;
  for (std::size_t place = 0; place < classes; ++place) {
    total += std::exp(static_cast<double>(logits[place]) - static_cast<double>(logits[best]));
  }
  return {best, 1.0 / total};
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    std::fputs("usage: classify NETWORK FILE...\n", stderr);
    return 2;
  }
  try {
    const auto network = ctnas::ImageClassifier::load(arguments[1]);
    const std::vector<std::string> files(arguments + 2, arguments + count);
    std::vector<std::uint8_t> images;
    for (const std::string& file : files) append(read_image(file), network.shape(), images);
    const std::vector<float> logits = network.logits(images);
    const std::size_t classes = network.classes().size();
    for (std::size_t row = 0; row < files.size(); ++row) {
      const auto [best, share] = best_of(&logits[row * classes], classes);
      std::printf("%s: %s (%.1f%%)\n", files[row].c_str(), network.classes()[best].c_str(),
                  100.0 * share);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "classify: error: %s\n", error.what());
    return 2;
  }
  return 0;
}
