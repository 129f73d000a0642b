#include "embedding/comparator_metadata.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "ctnas/error.hpp"
#include "text/json_names.hpp"

namespace ctnas {
namespace {

constexpr const char* kSpace = "ctnas.space";
constexpr const char* kDeclaration = "ctnas.declaration";
constexpr const char* kVocabulary = "ctnas.vocabulary";
constexpr std::array<std::string_view, 3> kFirstNames{"padding", "input", "output"};

const std::string& require_entry(const Metadata& metadata, const std::string& key) {
  const auto entry = metadata.find(key);
  if (entry != metadata.end()) return entry->second;
  throw ModelError("the model is damaged: its metadata have no " + key);
}

std::vector<std::string> parse_vocabulary(const std::string& text) {
  try {
    return parse_json_names(text);
  } catch (const ModelError& error) {
    throw ModelError("the model is damaged: its metadata entry " + std::string(kVocabulary) + ": " +
                     error.what());
  }
}

}  // namespace

std::string read_space(const Metadata& metadata) { return require_entry(metadata, kSpace); }

std::optional<DeclaredSpace> read_declared_space(const Metadata& metadata) {
  const auto entry = metadata.find(kDeclaration);
  if (entry == metadata.end()) return std::nullopt;
  return read_declaration(entry->second);
}

std::vector<std::string> read_vocabulary(const Metadata& metadata, std::int64_t size) {
  std::vector<std::string> names = parse_vocabulary(require_entry(metadata, kVocabulary));
  if (names.size() != static_cast<std::uint64_t>(size)) {
    throw ModelError("the model is damaged: its metadata name " + std::to_string(names.size()) +
                     " operations and say that there are " + std::to_string(size));
  }
  if (names.size() < kFirstNames.size() ||
      !std::equal(kFirstNames.begin(), kFirstNames.end(), names.begin())) {
    throw ModelError("the model is damaged: its operations are not padding, input, output, ...");
  }
  return names;
}

}  // namespace ctnas
