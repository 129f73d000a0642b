#pragma once

#include <filesystem>
#include <string>

#include "ctnas/runtime.hpp"
#include "runtime/onnxruntime_api.hpp"

namespace ctnas {

/// A loaded library with the objects that live as long as the process.
struct Runtime::State {
  std::filesystem::path path;
  std::string version;
  abi::Api api;
  abi::Environment* environment;
  abi::MemoryInfo* cpu_memory;
  abi::Allocator* allocator;
};

}  // namespace ctnas
