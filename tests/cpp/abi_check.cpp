// Compiled only, against an official header: a slot that is not where we say is a compile error.
#include <onnxruntime_c_api.h>

#include <cstddef>

#include "runtime/onnxruntime_abi.hpp"
#include "runtime/session.hpp"

namespace ctnas::abi {
namespace {

#define CTNAS_CHECK_SLOT(slot, Name) \
  static_assert(offsetof(OrtApi, Name) == (slot).index * sizeof(void*), #Name)
CTNAS_CHECK_SLOT(slot::kGetErrorMessage, GetErrorMessage);
CTNAS_CHECK_SLOT(slot::kCreateEnvWithCustomLogger, CreateEnvWithCustomLogger);
CTNAS_CHECK_SLOT(slot::kCreateSession, CreateSession);
CTNAS_CHECK_SLOT(slot::kCreateSessionFromArray, CreateSessionFromArray);
CTNAS_CHECK_SLOT(slot::kRun, Run);
CTNAS_CHECK_SLOT(slot::kCreateSessionOptions, CreateSessionOptions);
CTNAS_CHECK_SLOT(slot::kSetSessionGraphOptimizationLevel, SetSessionGraphOptimizationLevel);
CTNAS_CHECK_SLOT(slot::kSetIntraOpNumThreads, SetIntraOpNumThreads);
CTNAS_CHECK_SLOT(slot::kSetInterOpNumThreads, SetInterOpNumThreads);
CTNAS_CHECK_SLOT(slot::kAddSessionConfigEntry, AddSessionConfigEntry);
CTNAS_CHECK_SLOT(slot::kSessionGetInputCount, SessionGetInputCount);
CTNAS_CHECK_SLOT(slot::kSessionGetOutputCount, SessionGetOutputCount);
CTNAS_CHECK_SLOT(slot::kSessionGetInputTypeInfo, SessionGetInputTypeInfo);
CTNAS_CHECK_SLOT(slot::kSessionGetOutputTypeInfo, SessionGetOutputTypeInfo);
CTNAS_CHECK_SLOT(slot::kSessionGetInputName, SessionGetInputName);
CTNAS_CHECK_SLOT(slot::kSessionGetOutputName, SessionGetOutputName);
CTNAS_CHECK_SLOT(slot::kCastTypeInfoToTensorInfo, CastTypeInfoToTensorInfo);
CTNAS_CHECK_SLOT(slot::kGetOnnxTypeFromTypeInfo, GetOnnxTypeFromTypeInfo);
CTNAS_CHECK_SLOT(slot::kGetTensorElementType, GetTensorElementType);
CTNAS_CHECK_SLOT(slot::kGetDimensionsCount, GetDimensionsCount);
CTNAS_CHECK_SLOT(slot::kGetDimensions, GetDimensions);
CTNAS_CHECK_SLOT(slot::kSessionGetModelMetadata, SessionGetModelMetadata);
CTNAS_CHECK_SLOT(slot::kModelMetadataLookupCustomMetadataMap, ModelMetadataLookupCustomMetadataMap);
CTNAS_CHECK_SLOT(slot::kModelMetadataGetCustomMetadataMapKeys,
                 ModelMetadataGetCustomMetadataMapKeys);
CTNAS_CHECK_SLOT(slot::kCreateTensorAsOrtValue, CreateTensorAsOrtValue);
CTNAS_CHECK_SLOT(slot::kCreateTensorWithDataAsOrtValue, CreateTensorWithDataAsOrtValue);
CTNAS_CHECK_SLOT(slot::kGetTensorMutableData, GetTensorMutableData);
CTNAS_CHECK_SLOT(slot::kGetTensorMemoryInfo, GetTensorMemoryInfo);
CTNAS_CHECK_SLOT(slot::kCreateMemoryInfo, CreateMemoryInfo);
CTNAS_CHECK_SLOT(slot::kCreateCpuMemoryInfo, CreateCpuMemoryInfo);
CTNAS_CHECK_SLOT(slot::kCreateAllocator, CreateAllocator);
CTNAS_CHECK_SLOT(slot::kAllocatorFree, AllocatorFree);
CTNAS_CHECK_SLOT(slot::kGetAllocatorWithDefaultOptions, GetAllocatorWithDefaultOptions);
CTNAS_CHECK_SLOT(slot::kGetAvailableProviders, GetAvailableProviders);
CTNAS_CHECK_SLOT(slot::kReleaseAvailableProviders, ReleaseAvailableProviders);
CTNAS_CHECK_SLOT(slot::kSessionOptionsAppendExecutionProviderCudaV2,
                 SessionOptionsAppendExecutionProvider_CUDA_V2);
CTNAS_CHECK_SLOT(slot::kCreateCudaProviderOptions, CreateCUDAProviderOptions);
CTNAS_CHECK_SLOT(slot::kUpdateCudaProviderOptions, UpdateCUDAProviderOptions);
CTNAS_CHECK_SLOT(slot::kRunWithBinding, RunWithBinding);
CTNAS_CHECK_SLOT(slot::kCreateIoBinding, CreateIoBinding);
CTNAS_CHECK_SLOT(slot::kBindInput, BindInput);
CTNAS_CHECK_SLOT(slot::kBindOutput, BindOutput);
CTNAS_CHECK_SLOT(slot::kRelease<Status>, ReleaseStatus);
CTNAS_CHECK_SLOT(slot::kRelease<MemoryInfo>, ReleaseMemoryInfo);
CTNAS_CHECK_SLOT(slot::kRelease<Session>, ReleaseSession);
CTNAS_CHECK_SLOT(slot::kRelease<Value>, ReleaseValue);
CTNAS_CHECK_SLOT(slot::kRelease<TypeInfo>, ReleaseTypeInfo);
CTNAS_CHECK_SLOT(slot::kRelease<SessionOptions>, ReleaseSessionOptions);
CTNAS_CHECK_SLOT(slot::kRelease<ModelMetadata>, ReleaseModelMetadata);
CTNAS_CHECK_SLOT(slot::kRelease<Allocator>, ReleaseAllocator);
CTNAS_CHECK_SLOT(slot::kRelease<IoBinding>, ReleaseIoBinding);
CTNAS_CHECK_SLOT(slot::kRelease<CudaOptions>, ReleaseCUDAProviderOptions);

static_assert(offsetof(OrtApiBase, GetApi) == offsetof(ApiBase, get_api));
static_assert(offsetof(OrtApiBase, GetVersionString) == offsetof(ApiBase, version_string));
static_assert(ORT_LOGGING_LEVEL_ERROR == kLogError);
static_assert(ORT_ENABLE_BASIC == kOptimizeBasic);
static_assert(ORT_ENABLE_ALL == kOptimizeAll);
static_assert(OrtDeviceAllocator == kDeviceAllocator);
static_assert(OrtArenaAllocator == kArenaAllocator);
static_assert(OrtMemTypeDefault == kDefaultMemory);
static_assert(ONNX_TYPE_TENSOR == kTensorType);
static_assert(ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT == static_cast<int>(ElementType::kFloat32));
static_assert(ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 == static_cast<int>(ElementType::kUint8));
static_assert(ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 == static_cast<int>(ElementType::kInt64));

}  // namespace
}  // namespace ctnas::abi
