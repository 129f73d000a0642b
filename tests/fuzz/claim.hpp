#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace ctnas::fuzz {

/// Ends the process, which libFuzzer reports with the input, unless a claim holds.
inline void claim(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace ctnas::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
