#include "runtime/session_description.hpp"

#include <span>

namespace ctnas {
namespace {

namespace slot = abi::slot;

/// Frees memory that the runtime's allocator gave out.
struct Free {
  const Runtime::State* runtime;
  void operator()(void* memory) const noexcept {
    static_cast<void>(runtime->api.call(slot::kAllocatorFree, runtime->allocator, memory));
  }
};

using Text = std::unique_ptr<char, Free>;

using CountSlot = abi::Slot<abi::Status*(const abi::Session*, std::size_t*)>;
using TypeSlot = abi::Slot<abi::Status*(const abi::Session*, std::size_t, abi::TypeInfo**)>;
using NameSlot = abi::Slot<abi::Status*(const abi::Session*, std::size_t, abi::Allocator*, char**)>;

/// The three functions that describe one side, inputs or outputs.
struct Side {
  CountSlot count;
  TypeSlot type;
  NameSlot name;
};

TensorType describe(const Runtime::State& runtime, const abi::Session* session, const Side& side,
                    std::size_t index) {
  const abi::Api& api = runtime.api;
  const Text name(api.get<char*>(side.name, session, index, runtime.allocator), Free{&runtime});
  const auto type = api.make<abi::TypeInfo>(side.type, session, index);
  TensorType description{name.get(), ElementType{0}, {}};
  if (api.get<abi::Enum>(slot::kGetOnnxTypeFromTypeInfo, type.get()) != abi::kTensorType) {
    return description;
  }
  const auto* info = api.get<const abi::TensorInfo*>(slot::kCastTypeInfoToTensorInfo, type.get());
  description.element = ElementType{api.get<abi::Enum>(slot::kGetTensorElementType, info)};
  description.dimensions.resize(api.get<std::size_t>(slot::kGetDimensionsCount, info));
  api.check(slot::kGetDimensions, info, description.dimensions.data(),
            description.dimensions.size());
  return description;
}

std::vector<TensorType> describe_side(const Runtime::State& runtime, const abi::Session* session,
                                      const Side& side) {
  const auto count = runtime.api.get<std::size_t>(side.count, session);
  std::vector<TensorType> tensors;
  tensors.reserve(count);
  for (std::size_t index = 0; index < count; ++index) {
    tensors.push_back(describe(runtime, session, side, index));
  }
  return tensors;
}

}  // namespace

std::vector<TensorType> describe_inputs(const Runtime::State& runtime,
                                        const abi::Session* session) {
  return describe_side(
      runtime, session,
      {slot::kSessionGetInputCount, slot::kSessionGetInputTypeInfo, slot::kSessionGetInputName});
}

std::vector<TensorType> describe_outputs(const Runtime::State& runtime,
                                         const abi::Session* session) {
  return describe_side(
      runtime, session,
      {slot::kSessionGetOutputCount, slot::kSessionGetOutputTypeInfo, slot::kSessionGetOutputName});
}

std::map<std::string, std::string> read_metadata(const Runtime::State& runtime,
                                                 const abi::Session* session) {
  const abi::Api& api = runtime.api;
  const auto metadata = api.make<abi::ModelMetadata>(slot::kSessionGetModelMetadata, session);
  char** list = nullptr;
  std::int64_t count = 0;
  api.check(slot::kModelMetadataGetCustomMetadataMapKeys, metadata.get(), runtime.allocator, &list,
            &count);
  const std::unique_ptr<char*, Free> list_owner(list, Free{&runtime});
  std::vector<Text> keys;
  for (char* key : std::span(list, static_cast<std::size_t>(count))) {
    keys.emplace_back(key, Free{&runtime});
  }
  std::map<std::string, std::string> values;
  for (const Text& key : keys) {
    const Text value(api.get<char*>(slot::kModelMetadataLookupCustomMetadataMap, metadata.get(),
                                    runtime.allocator, key.get()),
                     Free{&runtime});
    values.emplace(key.get(), value ? value.get() : "");
  }
  return values;
}

}  // namespace ctnas
