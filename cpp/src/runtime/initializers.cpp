#include "runtime/initializers.hpp"

#include <cstring>
#include <optional>

#include "runtime/protobuf_fields.hpp"

namespace ctnas {
namespace {

/// Numbers of fields and values in onnx.proto.
constexpr std::uint64_t kModelGraph = 7;
constexpr std::uint64_t kGraphInitializer = 5;
constexpr std::uint64_t kTensorDims = 1;
constexpr std::uint64_t kTensorDataType = 2;
constexpr std::uint64_t kTensorFloatData = 4;
constexpr std::uint64_t kTensorName = 8;
constexpr std::uint64_t kTensorRawData = 9;
constexpr std::uint64_t kTypeFloat = 1;

struct Tensor {
  std::string name;
  std::uint64_t type = 0;
  Initializer content;
};

void append_floats(std::span<const std::byte> bytes, std::vector<float>& values) {
  const std::size_t before = values.size();
  values.resize(before + bytes.size() / sizeof(float));
  if (values.size() == before) return;
  std::memcpy(values.data() + before, bytes.data(), (values.size() - before) * sizeof(float));
}

void append_dims(const ProtobufField& field, std::vector<std::uint64_t>& shape) {
  if (field.bytes.empty()) {
    shape.push_back(field.value);
    return;
  }
  PackedVarints dims(field.bytes);
  while (const auto size = dims.next()) shape.push_back(*size);
}

Tensor read_tensor(std::span<const std::byte> message) {
  Tensor tensor;
  ProtobufFields fields(message);
  while (const auto field = fields.next()) {
    switch (field->number) {
      case kTensorDims:
        append_dims(*field, tensor.content.shape);
        break;
      case kTensorDataType:
        tensor.type = field->value;
        break;
      case kTensorFloatData:
      case kTensorRawData:
        append_floats(field->bytes, tensor.content.values);
        break;
      case kTensorName:
        tensor.name.assign(reinterpret_cast<const char*>(field->bytes.data()), field->bytes.size());
        break;
      default:
        break;
    }
  }
  return tensor;
}

/// Whether there are as many values as the shape says.
bool is_complete(const Initializer& tensor) {
  std::size_t left = tensor.values.size();
  for (const std::uint64_t size : tensor.shape) {
    if (size == 0 || left % size != 0) return false;
    left /= size;
  }
  return left == 1;
}

}  // namespace

std::map<std::string, Initializer> read_initializers(std::span<const std::byte> model) {
  std::map<std::string, Initializer> initializers;
  ProtobufFields model_fields(model);
  while (const auto model_field = model_fields.next()) {
    if (model_field->number != kModelGraph) continue;
    ProtobufFields graph_fields(model_field->bytes);
    while (const auto graph_field = graph_fields.next()) {
      if (graph_field->number != kGraphInitializer) continue;
      Tensor tensor = read_tensor(graph_field->bytes);
      if (tensor.type != kTypeFloat || !is_complete(tensor.content)) continue;
      initializers.emplace(std::move(tensor.name), std::move(tensor.content));
    }
  }
  return initializers;
}

}  // namespace ctnas
