#include "embedding/comparator_graph.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "ctnas/error.hpp"

namespace ctnas {
namespace {

constexpr std::int64_t kFormat = 1;
constexpr std::int64_t kMostNodes = 4096;
constexpr std::int64_t kMostOperations = std::int64_t{1} << 31;

std::int64_t parse_number(std::string_view key, std::string_view text, std::int64_t most) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size() && number >= 1 && number <= most) {
    return number;
  }
  throw ModelError("the model's metadata say " + std::string(key) + " = '" + std::string(text) +
                   "': needed a number from 1 to " + std::to_string(most));
}

std::int64_t read_number(const Session& session, const std::string& key, std::int64_t most) {
  const auto entry = session.metadata().find(key);
  if (entry != session.metadata().end()) return parse_number(key, entry->second, most);
  throw ModelError("the model is damaged: its metadata have no " + key);
}

void require_format(const Session& session) {
  const auto entry = session.metadata().find("ctnas.format");
  if (entry == session.metadata().end()) {
    throw ModelError("the model is not a ctnas comparator: its metadata have no ctnas.format");
  }
  const std::int64_t format = parse_number(entry->first, entry->second, kMostOperations);
  if (format > kFormat) {
    throw ModelError("the model has ctnas.format " + entry->second +
                     ", made by a newer ctnas; this one reads up to " + std::to_string(kFormat));
  }
}

std::string element_name(ElementType element) {
  switch (element) {
    case ElementType::kFloat32:
      return "float32";
    case ElementType::kUint8:
      return "uint8";
    case ElementType::kInt64:
      return "int64";
  }
  return "type " + std::to_string(static_cast<abi::Enum>(element));
}

std::string format_type(const TensorType& tensor) {
  std::string dimensions;
  for (const std::int64_t size : tensor.dimensions) {
    if (!dimensions.empty()) dimensions += ", ";
    dimensions += size < 0 ? "N" : std::to_string(size);
  }
  return tensor.name + " " + element_name(tensor.element) + " [" + dimensions + "]";
}

/// One side of a model's signature; the order does not matter, tensors are passed by name.
std::string format_side(const std::vector<TensorType>& tensors) {
  std::vector<std::string> texts(tensors.size());
  std::transform(tensors.begin(), tensors.end(), texts.begin(), format_type);
  std::sort(texts.begin(), texts.end());
  std::string side;
  for (const std::string& text : texts) side += (side.empty() ? "" : ", ") + text;
  return side;
}

void require_side(const char* side, const std::vector<TensorType>& found,
                  std::span<const NamedRole> needed, std::size_t nodes) {
  std::vector<TensorType> types;
  for (const NamedRole& tensor : needed) types.push_back(declared_type(tensor, nodes));
  const std::string found_text = format_side(found);
  const std::string needed_text = format_side(types);
  if (found_text != needed_text) {
    throw ModelError(std::string("the model has other ") + side + " than needed: it has " +
                     found_text + "; needed " + needed_text);
  }
}

}  // namespace

ComparatorSize read_size(const Session& session) {
  require_format(session);
  return {static_cast<std::size_t>(read_number(session, "ctnas.nodes", kMostNodes)),
          read_number(session, "ctnas.vocabulary_size", kMostOperations)};
}

TensorType declared_type(const NamedRole& tensor, std::size_t nodes) {
  const auto side = static_cast<std::int64_t>(nodes);
  switch (tensor.role) {
    case Role::kAdjacency:
      return {tensor.name, ElementType::kUint8, {-1, side, side}};
    case Role::kOperations:
      return {tensor.name, ElementType::kInt64, {-1, side}};
    case Role::kScore:
      break;
  }
  return {tensor.name, ElementType::kFloat32, {-1}};
}

void require_signature(const Session& session, std::size_t nodes, std::span<const NamedRole> inputs,
                       std::span<const NamedRole> outputs) {
  require_side("inputs", session.inputs(), inputs, nodes);
  require_side("outputs", session.outputs(), outputs, nodes);
}

}  // namespace ctnas
