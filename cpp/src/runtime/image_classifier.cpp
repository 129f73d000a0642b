#include "ctnas/image_classifier.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <utility>

#include "ctnas/error.hpp"
#include "ctnas/runtime.hpp"
#include "runtime/open_session.hpp"
#include "text/choice_names.hpp"
#include "text/json_names.hpp"

namespace ctnas {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFile = "network.onnx";
constexpr const char* kFormat = "1";
constexpr const char* kInput = "images";
constexpr const char* kOutput = "logits";
constexpr std::size_t kRank = 4;

using Metadata = std::map<std::string, std::string>;

const std::string& require_entry(const Metadata& metadata, const std::string& key) {
  const auto entry = metadata.find(key);
  if (entry != metadata.end()) return entry->second;
  throw ModelError("the model is no network of ctnas: its metadata have no " + key);
}

[[noreturn]] void refuse(const std::string& key, const std::string& text) {
  throw ModelError("the model is damaged: its metadata entry " + key + " is '" + text + "'");
}

std::size_t read_count(const Metadata& metadata, const std::string& key) {
  const std::string& text = require_entry(metadata, key);
  std::size_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc{} && stopped == end && number > 0) return number;
  refuse(key, text);
}

double read_share(const Metadata& metadata, const std::string& key) {
  const std::string& text = require_entry(metadata, key);
  const double number = read_number(text).value_or(0.0);
  if (number > 0.0) return number;
  refuse(key, text);
}

ImageShape read_shape(const Metadata& metadata) {
  return {read_count(metadata, "ctnas.input.channels"), read_count(metadata, "ctnas.input.height"),
          read_count(metadata, "ctnas.input.width"), read_share(metadata, "ctnas.input.crop")};
}

void require_format(const Metadata& metadata) {
  const std::string& format = require_entry(metadata, "ctnas.network_format");
  if (format == kFormat) return;
  throw ModelError("the network has format '" + format + "', this library reads '" + kFormat + "'");
}

bool is_tensor(const std::vector<TensorType>& tensors, const char* name, ElementType element,
               std::span<const std::int64_t> sizes) {
  if (tensors.size() != 1) return false;
  const TensorType& only = tensors.front();
  if (only.name != name || only.element != element) return false;
  if (only.dimensions.size() != sizes.size() + 1 || only.dimensions[0] != -1) return false;
  return std::equal(sizes.begin(), sizes.end(), only.dimensions.begin() + 1);
}

/// Throws unless the model takes and puts out what its metadata say.
void require_signature(const Session& session) {
  require_format(session.metadata());
  const ImageShape shape = read_shape(session.metadata());
  const auto classes = parse_json_names(require_entry(session.metadata(), "ctnas.classes"));
  const std::array taken{static_cast<std::int64_t>(shape.channels),
                         static_cast<std::int64_t>(shape.height),
                         static_cast<std::int64_t>(shape.width)};
  const std::array put_out{static_cast<std::int64_t>(classes.size())};
  if (is_tensor(session.inputs(), kInput, ElementType::kUint8, taken) &&
      is_tensor(session.outputs(), kOutput, ElementType::kFloat32, put_out)) {
    return;
  }
  throw ModelError("the model is damaged: its inputs and outputs are not what its metadata say");
}

}  // namespace

struct ImageClassifier::State {
  std::shared_ptr<const Session> session;
  ImageShape shape;
  std::vector<std::string> classes;
};

ImageClassifier::ImageClassifier(std::unique_ptr<State> state) : state_(std::move(state)) {}
ImageClassifier::~ImageClassifier() = default;
ImageClassifier::ImageClassifier(ImageClassifier&&) noexcept = default;
ImageClassifier& ImageClassifier::operator=(ImageClassifier&&) noexcept = default;

ImageClassifier ImageClassifier::load(const fs::path& path, const ImageClassifierOptions& options) {
  std::error_code unreadable;
  const fs::path file = fs::is_directory(path, unreadable) ? path / kFile : path;
  const Runtime runtime = Runtime::load(options.onnxruntime);
  auto session = open_session(runtime, options.provider, file, require_signature);
  const Metadata& metadata = session->metadata();
  auto classes = parse_json_names(require_entry(metadata, "ctnas.classes"));
  State state{session, read_shape(metadata), std::move(classes)};
  return ImageClassifier(std::make_unique<State>(std::move(state)));
}

const ImageShape& ImageClassifier::shape() const noexcept { return state_->shape; }

const std::vector<std::string>& ImageClassifier::classes() const noexcept {
  return state_->classes;
}

std::vector<float> ImageClassifier::logits(std::span<const std::uint8_t> images) const {
  const ImageShape& shape = state_->shape;
  const std::size_t count = images.size() / shape.size();
  if (count == 0 || count * shape.size() != images.size()) {
    throw InvalidInput("images are " + std::to_string(images.size()) +
                       " bytes, not a multiple of the " + std::to_string(shape.size()) +
                       " bytes of one");
  }
  const std::size_t classes = state_->classes.size();
  std::vector<float> found(count * classes);
  const auto rows = static_cast<std::int64_t>(count);
  // Inputs and outputs pass through one type of the interface; inputs are not written to.
  const Tensor input{
      kInput,
      ElementType::kUint8,
      const_cast<std::uint8_t*>(images.data()),
      images.size(),
      {rows, static_cast<std::int64_t>(shape.channels), static_cast<std::int64_t>(shape.height),
       static_cast<std::int64_t>(shape.width)},
      kRank};
  const Tensor output{kOutput,
                      ElementType::kFloat32,
                      found.data(),
                      found.size() * sizeof(float),
                      {rows, static_cast<std::int64_t>(classes)},
                      2};
  state_->session->run(std::span(&input, 1), std::span(&output, 1));
  return found;
}

}  // namespace ctnas
