#include "elf_check.hpp"

#include "ctnas/error.hpp"

#ifdef __linux__
#include <elf.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#endif

namespace ctnas {

#ifdef __linux__
namespace {

template <typename Header>
bool read_at(std::ifstream& file, std::uint64_t offset, Header& header) {
  file.seekg(static_cast<std::streamoff>(offset));
  return static_cast<bool>(file.read(reinterpret_cast<char*>(&header), sizeof(header)));
}

/// The end of the last byte that the headers refer to; as much of it as the file still tells.
std::uint64_t length_by_headers(std::ifstream& file, const Elf64_Ehdr& elf) {
  std::uint64_t length = elf.e_shoff + std::uint64_t{elf.e_shnum} * std::uint64_t{elf.e_shentsize};
  for (std::uint64_t index = 0; index < elf.e_phnum; ++index) {
    Elf64_Phdr segment{};
    if (!read_at(file, elf.e_phoff + index * elf.e_phentsize, segment)) break;
    if (segment.p_type == PT_LOAD) length = std::max(length, segment.p_offset + segment.p_filesz);
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
