/// \file
/// A file that passes as a complete library has all that its headers refer to.
#include <elf.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "claim.hpp"
#include "ctnas/error.hpp"
#include "runtime/elf_check.hpp"

namespace {

namespace fs = std::filesystem;

bool is_inside(std::uint64_t offset, std::uint64_t length, std::uint64_t size) {
  return offset <= size && length <= size - offset;
}

/// The same question, put to the bytes in memory.
bool is_complete(const std::uint8_t* data, std::size_t size) {
  Elf64_Ehdr elf;
  std::memcpy(&elf, data, sizeof(elf));
  if (!is_inside(elf.e_shoff, std::uint64_t{elf.e_shnum} * elf.e_shentsize, size)) return false;
  if (!is_inside(elf.e_phoff, std::uint64_t{elf.e_phnum} * elf.e_phentsize, size)) return false;
  for (std::size_t index = 0; index < elf.e_phnum; ++index) {
    const std::uint64_t offset = elf.e_phoff + index * elf.e_phentsize;
    Elf64_Phdr segment;
    if (!is_inside(offset, sizeof(segment), size)) break;
    std::memcpy(&segment, data + offset, sizeof(segment));
    if (segment.p_type == PT_LOAD && !is_inside(segment.p_offset, segment.p_filesz, size)) {
      return false;
    }
  }
  return true;
}

bool is_elf64(const std::uint8_t* data, std::size_t size) {
  return size >= sizeof(Elf64_Ehdr) && std::memcmp(data, ELFMAG, SELFMAG) == 0 &&
         data[EI_CLASS] == ELFCLASS64;
}

/// A file of this process that goes when the process ends.
class Scratch {
 public:
  Scratch() : path_(fs::temp_directory_path() / ("ctnas_fuzz_" + std::to_string(getpid()))) {}
  ~Scratch() { fs::remove(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const fs::path& write(const std::uint8_t* data, std::size_t size) {
    std::ofstream(path_, std::ios::binary)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    return path_;
  }

 private:
  fs::path path_;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Scratch scratch;
  bool is_accepted = true;
  try {
    ctnas::require_complete_library(scratch.write(data, size));
  } catch (const ctnas::ProviderError&) {
    is_accepted = false;
  }
  const bool expected = !is_elf64(data, size) || is_complete(data, size);
  ctnas::fuzz::claim(is_accepted == expected, "accepted exactly if complete");
  return 0;
}
