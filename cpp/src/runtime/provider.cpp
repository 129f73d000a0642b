#include "ctnas/provider.hpp"

#include <stdexcept>
#include <string>

namespace ctnas {

std::string_view name(Provider provider) noexcept {
  switch (provider) {
    case Provider::kCpu:
      return "cpu";
    case Provider::kCuda:
      return "cuda";
    case Provider::kAuto:
      break;
  }
  return "auto";
}

Provider parse_provider(std::string_view text) {
  for (const Provider provider : {Provider::kAuto, Provider::kCpu, Provider::kCuda}) {
    if (text == name(provider)) return provider;
  }
  throw std::invalid_argument("unknown provider '" + std::string(text) +
                              "': needed auto, cpu or cuda");
}

}  // namespace ctnas
