/// \file
/// What the library throws on purpose.  Bad arguments that have nothing to do with architectures,
/// models or providers are reported as `std::invalid_argument` and `std::out_of_range`.
#pragma once

#include <stdexcept>

namespace ctnas {

/// Base of the errors below.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An array that stands for architectures does not belong to the model's search space.
class InvalidInput : public Error {
 public:
  using Error::Error;
};

/// A model is corrupt, foreign, or made for something else.
class ModelError : public Error {
 public:
  using Error::Error;
};

/// ONNX Runtime itself, or the execution provider that was asked for, is not usable here.
class ProviderError : public Error {
 public:
  using Error::Error;
};

/// A file that should be read is missing or unreadable.
class FileError : public Error {
 public:
  using Error::Error;
};

}  // namespace ctnas
