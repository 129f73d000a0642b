/// \file
/// Any text is an architecture that a model would accept, or is refused and leaves no trace.
/// The first byte chooses the space.
#include <array>
#include <string_view>

#include "claim.hpp"
#include "ctnas/error.hpp"
#include "spaces/graph_check.hpp"
#include "text/architecture_text.hpp"

namespace {

using ctnas::ArchitectureText;

struct Space {
  Space(const char* name, std::size_t nodes, std::vector<std::string> vocabulary)
      : check({nodes, static_cast<std::int64_t>(vocabulary.size())}, ""),
        text(name, nodes, std::move(vocabulary)) {}

  ctnas::GraphCheck check;
  ArchitectureText text;
};

const std::array<Space, 3>& spaces() {
  static const std::array<Space, 3> all{{
      {"nasbench101",
       7,
       {"padding", "input", "output", "conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3"}},
      {"nasbench201",
       8,
       {"padding", "input", "output", "skip_connect", "nor_conv_1x1", "nor_conv_3x3",
        "avg_pool_3x3"}},
      {"own", 5, {"padding", "input", "output", "a", "b"}},
  }};
  return all;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Space& space = spaces()[data[0] % spaces().size()];
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  ctnas::ArchitectureGraphs graph;
  try {
    graph = space.text.read(text);
  } catch (const ctnas::InvalidInput&) {
    return 0;
  }
  space.check.require_valid(graph.batch(), 1, 1, {});
  return 0;
}
