/// \file
/// The slice of ONNX Runtime's C interface that ctnas calls, in its own words.
///
/// The library hands out one table of function pointers.  Entries are only ever appended to it, so
/// a position and a signature identify a function in every release from `kApiVersion` on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace ctnas::abi {

/// The oldest version of the table that holds every slot below.
inline constexpr std::uint32_t kApiVersion = 14;

struct Allocator;
struct CudaOptions;
struct Environment;
struct IoBinding;
struct MemoryInfo;
struct ModelMetadata;
struct RunOptions;
struct Session;
struct SessionOptions;
struct Status;
struct TensorInfo;
struct TypeInfo;
struct Value;

/// A C `enum` parameter of the interface.
using Enum = int;
using PathChar = std::filesystem::path::value_type;

inline constexpr Enum kLogError = 3;
inline constexpr Enum kOptimizeBasic = 1;
inline constexpr Enum kOptimizeAll = 99;
inline constexpr Enum kDeviceAllocator = 0;
inline constexpr Enum kArenaAllocator = 1;
inline constexpr Enum kDefaultMemory = 0;
inline constexpr Enum kTensorType = 1;

using LogFunction = void (*)(void* user, Enum severity, const char* category, const char* log_id,
                             const char* location, const char* message);

/// What the one exported function, `OrtGetApiBase`, returns.
struct ApiBase {
  const void* const* (*get_api)(std::uint32_t version);
  const char* (*version_string)();
};

/// A function of the table: its position and its type.
template <typename Signature>
struct Slot {
  std::size_t index;
};

namespace slot {

inline constexpr Slot<const char*(const Status*)> kGetErrorMessage{2};
inline constexpr Slot<Status*(LogFunction, void* user, Enum severity, const char* log_id,
                              Environment**)>
    kCreateEnvWithCustomLogger{4};

inline constexpr Slot<Status*(const Environment*, const PathChar*, const SessionOptions*,
                              Session**)>
    kCreateSession{7};
inline constexpr Slot<Status*(const Environment*, const void* model, std::size_t bytes,
                              const SessionOptions*, Session**)>
    kCreateSessionFromArray{8};
inline constexpr Slot<Status*(Session*, const RunOptions*, const char* const* input_names,
                              const Value* const* inputs, std::size_t input_count,
                              const char* const* output_names, std::size_t output_count,
                              Value** outputs)>
    kRun{9};

inline constexpr Slot<Status*(SessionOptions**)> kCreateSessionOptions{10};
inline constexpr Slot<Status*(SessionOptions*, Enum level)> kSetSessionGraphOptimizationLevel{23};
inline constexpr Slot<Status*(SessionOptions*, int threads)> kSetIntraOpNumThreads{24};
inline constexpr Slot<Status*(SessionOptions*, int threads)> kSetInterOpNumThreads{25};
inline constexpr Slot<Status*(SessionOptions*, const char* key, const char* value)>
    kAddSessionConfigEntry{130};

inline constexpr Slot<Status*(const Session*, std::size_t*)> kSessionGetInputCount{30};
inline constexpr Slot<Status*(const Session*, std::size_t*)> kSessionGetOutputCount{31};
inline constexpr Slot<Status*(const Session*, std::size_t, TypeInfo**)> kSessionGetInputTypeInfo{
    33};
inline constexpr Slot<Status*(const Session*, std::size_t, TypeInfo**)> kSessionGetOutputTypeInfo{
    34};
inline constexpr Slot<Status*(const Session*, std::size_t, Allocator*, char**)>
    kSessionGetInputName{36};
inline constexpr Slot<Status*(const Session*, std::size_t, Allocator*, char**)>
    kSessionGetOutputName{37};
inline constexpr Slot<Status*(const TypeInfo*, const TensorInfo**)> kCastTypeInfoToTensorInfo{55};
inline constexpr Slot<Status*(const TypeInfo*, Enum*)> kGetOnnxTypeFromTypeInfo{56};
inline constexpr Slot<Status*(const TensorInfo*, Enum*)> kGetTensorElementType{60};
inline constexpr Slot<Status*(const TensorInfo*, std::size_t*)> kGetDimensionsCount{61};
inline constexpr Slot<Status*(const TensorInfo*, std::int64_t*, std::size_t)> kGetDimensions{62};

inline constexpr Slot<Status*(const Session*, ModelMetadata**)> kSessionGetModelMetadata{111};
inline constexpr Slot<Status*(const ModelMetadata*, Allocator*, const char* key, char** value)>
    kModelMetadataLookupCustomMetadataMap{116};
inline constexpr Slot<Status*(const ModelMetadata*, Allocator*, char*** keys, std::int64_t* count)>
    kModelMetadataGetCustomMetadataMapKeys{123};

inline constexpr Slot<Status*(Allocator*, const std::int64_t* shape, std::size_t rank, Enum element,
                              Value**)>
    kCreateTensorAsOrtValue{48};
inline constexpr Slot<Status*(const MemoryInfo*, void* data, std::size_t bytes,
                              const std::int64_t* shape, std::size_t rank, Enum element, Value**)>
    kCreateTensorWithDataAsOrtValue{49};
inline constexpr Slot<Status*(Value*, void** data)> kGetTensorMutableData{51};
inline constexpr Slot<Status*(const Value*, const MemoryInfo**)> kGetTensorMemoryInfo{194};
inline constexpr Slot<Status*(const char* name, Enum allocator, int device, Enum memory,
                              MemoryInfo**)>
    kCreateMemoryInfo{68};
inline constexpr Slot<Status*(Enum allocator, Enum memory, MemoryInfo**)> kCreateCpuMemoryInfo{69};
inline constexpr Slot<Status*(const Session*, const MemoryInfo*, Allocator**)> kCreateAllocator{
    131};
inline constexpr Slot<Status*(Allocator*, void*)> kAllocatorFree{76};
inline constexpr Slot<Status*(Allocator**)> kGetAllocatorWithDefaultOptions{78};

inline constexpr Slot<Status*(char*** names, int* count)> kGetAvailableProviders{125};
inline constexpr Slot<Status*(char** names, int count)> kReleaseAvailableProviders{126};
inline constexpr Slot<Status*(SessionOptions*, const CudaOptions*)>
    kSessionOptionsAppendExecutionProviderCudaV2{204};
inline constexpr Slot<Status*(CudaOptions**)> kCreateCudaProviderOptions{205};
inline constexpr Slot<Status*(CudaOptions*, const char* const* keys, const char* const* values,
                              std::size_t count)>
    kUpdateCudaProviderOptions{206};

inline constexpr Slot<Status*(Session*, const RunOptions*, const IoBinding*)> kRunWithBinding{133};
inline constexpr Slot<Status*(Session*, IoBinding**)> kCreateIoBinding{134};
inline constexpr Slot<Status*(IoBinding*, const char* name, const Value*)> kBindInput{136};
inline constexpr Slot<Status*(IoBinding*, const char* name, const Value*)> kBindOutput{137};

/// The function that frees an object of the given type.
template <typename Object>
inline constexpr Slot<void(Object*)> kRelease{};
template <>
inline constexpr Slot<void(Status*)> kRelease<Status>{93};
template <>
inline constexpr Slot<void(MemoryInfo*)> kRelease<MemoryInfo>{94};
template <>
inline constexpr Slot<void(Session*)> kRelease<Session>{95};
template <>
inline constexpr Slot<void(Value*)> kRelease<Value>{96};
template <>
inline constexpr Slot<void(TypeInfo*)> kRelease<TypeInfo>{98};
template <>
inline constexpr Slot<void(SessionOptions*)> kRelease<SessionOptions>{100};
template <>
inline constexpr Slot<void(ModelMetadata*)> kRelease<ModelMetadata>{118};
template <>
inline constexpr Slot<void(Allocator*)> kRelease<Allocator>{132};
template <>
inline constexpr Slot<void(IoBinding*)> kRelease<IoBinding>{135};
template <>
inline constexpr Slot<void(CudaOptions*)> kRelease<CudaOptions>{208};

}  // namespace slot
}  // namespace ctnas::abi
