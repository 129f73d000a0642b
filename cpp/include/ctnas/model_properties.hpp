/// \file
/// What an ONNX file says about itself, read without ONNX Runtime.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>

namespace ctnas {

/// The metadata properties of a serialized ONNX model, up to the first malformed byte.
[[nodiscard]] std::map<std::string, std::string> read_model_properties(
    std::span<const std::byte> model);

/// Checks that the two models of an exported comparator belong together: that their metadata have
/// one `ctnas.weights_hash`.  A directory with one model only passes.
///
/// \throws FileError if a model is there and cannot be read
/// \throws ModelError, naming both files and hashes, if they differ
void require_same_weights(const std::filesystem::path& directory);

}  // namespace ctnas
