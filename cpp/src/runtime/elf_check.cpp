#include "runtime/elf_check.hpp"

#include "ctnas/error.hpp"

#ifdef __linux__
#include <elf.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <limits>
#include <string>
#endif

namespace ctnas {

#ifdef __linux__
namespace {

constexpr std::uint64_t kFarthest = std::numeric_limits<std::uint64_t>::max();

/// Where `length` bytes from `offset` on end; headers of a damaged file may lead anywhere.
std::uint64_t end_of(std::uint64_t offset, std::uint64_t length) {
  return length > kFarthest - offset ? kFarthest : offset + length;
}

template <typename Header>
bool read_at(std::ifstream& file, std::uint64_t offset, Header& header) {
  file.seekg(static_cast<std::streamoff>(offset));
  return static_cast<bool>(file.read(reinterpret_cast<char*>(&header), sizeof(header)));
}

/// The end of the last byte that the headers refer to; as much of it as the file still tells.
std::uint64_t length_by_headers(std::ifstream& file, const Elf64_Ehdr& elf) {
  const std::uint64_t sections = std::uint64_t{elf.e_shnum} * elf.e_shentsize;
  const std::uint64_t segments = std::uint64_t{elf.e_phnum} * elf.e_phentsize;
  std::uint64_t length = std::max(end_of(elf.e_shoff, sections), end_of(elf.e_phoff, segments));
  for (std::uint64_t index = 0; index < elf.e_phnum; ++index) {
    Elf64_Phdr segment{};
    if (!read_at(file, end_of(elf.e_phoff, index * elf.e_phentsize), segment)) break;
    if (segment.p_type == PT_LOAD) {
      length = std::max(length, end_of(segment.p_offset, segment.p_filesz));
    }
  }
  return length;
}

}  // namespace

void require_complete_library(const std::filesystem::path& path) {
  std::error_code unreadable;
  const std::uintmax_t size = std::filesystem::file_size(path, unreadable);
  std::ifstream file(path, std::ios::binary);
  Elf64_Ehdr elf{};
  if (unreadable || !read_at(file, 0, elf)) return;
  if (std::memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0 || elf.e_ident[EI_CLASS] != ELFCLASS64) return;
  const std::uint64_t needed = length_by_headers(file, elf);
  if (size < needed) {
    throw ProviderError(path.string() + ": the library is truncated: " + std::to_string(size) +
                        " bytes of at least " + std::to_string(needed));
  }
}
#else
void require_complete_library(const std::filesystem::path& /*path*/) {}
#endif

}  // namespace ctnas
