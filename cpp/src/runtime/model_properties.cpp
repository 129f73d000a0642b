#include "ctnas/model_properties.hpp"

#include <fstream>
#include <iterator>
#include <vector>

#include "ctnas/error.hpp"
#include "runtime/protobuf_fields.hpp"

namespace ctnas {
namespace {

namespace fs = std::filesystem;

/// Numbers of fields in onnx.proto.
constexpr std::uint64_t kModelMetadata = 14;
constexpr std::uint64_t kEntryKey = 1;
constexpr std::uint64_t kEntryValue = 2;

constexpr const char* kWeightsHash = "ctnas.weights_hash";

std::string to_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<char> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> content{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) throw FileError(path.string() + ": cannot be read");
  return content;
}

/// The hash of the weights as people read it; a model without one is said to have none.
std::string weights_hash(const fs::path& path) {
  const std::vector<char> model = read_file(path);
  const auto properties = read_model_properties(std::as_bytes(std::span(model)));
  const auto entry = properties.find(kWeightsHash);
  return entry == properties.end() ? "no " + std::string(kWeightsHash) : entry->second;
}

}  // namespace

std::map<std::string, std::string> read_model_properties(std::span<const std::byte> model) {
  std::map<std::string, std::string> properties;
  ProtobufFields fields(model);
  while (const auto field = fields.next()) {
    if (field->number != kModelMetadata) continue;
    std::string key;
    std::string value;
    ProtobufFields entry(field->bytes);
    while (const auto part = entry.next()) {
      if (part->number == kEntryKey) key = to_text(part->bytes);
      if (part->number == kEntryValue) value = to_text(part->bytes);
    }
    properties.insert_or_assign(std::move(key), std::move(value));
  }
  return properties;
}

void require_same_weights(const fs::path& directory) {
  const fs::path comparator = directory / "comparator.onnx";
  const fs::path ranker = directory / "ranker.onnx";
  std::error_code unreadable;
  if (!fs::is_regular_file(comparator, unreadable) || !fs::is_regular_file(ranker, unreadable)) {
    return;
  }
  const std::string pair_hash = weights_hash(comparator);
  const std::string ranker_hash = weights_hash(ranker);
  if (pair_hash == ranker_hash) return;
  throw ModelError(directory.string() + ": the two models are of different comparators: " +
                   "comparator.onnx has " + pair_hash + ", ranker.onnx has " + ranker_hash);
}

}  // namespace ctnas
