#include "catch2.hpp"
#include "ctnas/error.hpp"
#include "text/architecture_text.hpp"

namespace ctnas {
namespace {

using Names = std::vector<std::string>;
using Ids = std::vector<std::int64_t>;
using Edges = std::vector<std::uint8_t>;

const Names kNames{"padding", "input", "output", "conv", "pool"};
const Names kNames201{"padding",      "input",        "output",      "skip_connect",
                      "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"};
const Names kNames101{"padding",         "input",           "output",
                      "conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3"};

ArchitectureGraphs read(const ArchitectureText& text, std::string_view architecture) {
  return text.read(architecture);
}

TEST_CASE("a graph is read as the upper triangle of its matrix and its operations") {
  const ArchitectureText text("own", 5, kNames);
  const auto graphs = read(text, " 110.01.1   input|conv|pool|output ");
  CHECK(graphs.operations == Ids{1, 3, 4, 2, 0});
  CHECK(graphs.adjacency == Edges{0, 1, 1, 0, 0,    //
                                  0, 0, 0, 1, 0,    //
                                  0, 0, 0, 1, 0,    //
                                  0, 0, 0, 0, 0,    //
                                  0, 0, 0, 0, 0});  //
}

TEST_CASE("nodes on no path are left out before nodes are counted") {
  const ArchitectureText text("own", 3, kNames);
  // The pool is fed by nothing, the first conv feeds nothing.
  const auto graphs = read(text, "1010.000.01.1 input|conv|pool|conv|output");
  CHECK(graphs.operations == Ids{1, 3, 2});
  CHECK(graphs.adjacency == Edges{0, 1, 0, 0, 0, 1, 0, 0, 0});
}

TEST_CASE("a cell of NAS-Bench-201 is a graph of the operations on its edges") {
  const ArchitectureText text("nasbench201", 8, kNames201);
  // Edges 0-1 and 1-3 are the only path; what leads into node 2 ends there.
  const auto graphs =
      read(text, "|nor_conv_3x3~0|+|skip_connect~0|none~1|+|none~0|avg_pool_3x3~1|none~2|");
  CHECK(graphs.operations == Ids{1, 5, 6, 2, 0, 0, 0, 0});
  Edges expected(64);
  expected[0 * 8 + 1] = expected[1 * 8 + 2] = expected[2 * 8 + 3] = 1;
  CHECK(graphs.adjacency == expected);
}

TEST_CASE("a cell of NAS-Bench-101 keeps the rules of its space") {
  const ArchitectureText text("nasbench101", 7, kNames101);
  CHECK(read(text, "10.1 input|maxpool3x3|output").operations == Ids{1, 5, 2, 0, 0, 0, 0});
  CHECK_THROWS_WITH(
      read(text, "11111.1111.111.11.1 input|maxpool3x3|maxpool3x3|maxpool3x3|maxpool3x3|output"),
      ContainsSubstring("at most 9 edges, not 15"));
  CHECK_THROWS_AS(read(text, "0 input|output"), InvalidInput);
}

TEST_CASE("a text that is no architecture is refused with the reason") {
  struct Case {
    std::string_view text;
    const char* reason;
  };
  for (const auto& [text, reason] : {
           Case{"", "a graph is written 1100.010.01.1 input|...|output, not ''"},
           Case{"1", "not '1'"},
           Case{"12 input|output", "rows of falling length"},
           Case{"1.1 input|conv|output", "rows of falling length"},
           Case{"2 input|output", "rows of falling length"},
           Case{". input|output", "rows of falling length"},
           Case{"1 input", "2 nodes need as many operations, not 1"},
           Case{"1 input|", "unknown operation ''; allowed are input, output, conv, pool"},
           Case{"1 input|padding", "unknown operation 'padding'"},
           Case{"1 input|conv", "exactly one output, not 1 and 0"},
           Case{"1 conv|output", "not 0 and 1"},
           Case{"11.1 input|output|output", "not 1 and 2"},
           Case{"110.1.1 input|conv|conv|output", "rows of falling length"},
           Case{"100.10.1 input|conv|conv|output", "at most 3 nodes, not 4"},
       }) {
    CHECK_THROWS_WITH(read(ArchitectureText("own", 3, kNames), text), ContainsSubstring(reason));
  }
}

TEST_CASE("a text that is no cell of NAS-Bench-201 is refused with the reason") {
  struct Case {
    std::string_view text;
    const char* reason;
  };
  for (const auto& [text, reason] : {
           Case{"|none~0|+|none~0|none~1|", "3 nodes separated by '+', not 2"},
           Case{"|none~0|+none+none", "a node is written |operation~predecessor|..., not 'none'"},
           Case{"|none~00|+|none~0|none~1|+|none~0|none~1|none~2|", "predecessors 0 to 0"},
           Case{"|none~0|+|+|", "not '|'"},
           Case{"|none~0|+|none~1|none~0|+|none~0|none~1|none~2|", "predecessors 0 to 1"},
           Case{"|none|+|none~0|none~1|+|none~0|none~1|none~2|", "each as operation~"},
           Case{"|none~0|+|none~0|+|none~0|none~1|none~2|", "reads 2 predecessors, not 1"},
           Case{"|pool~0|+|none~0|none~1|+|none~0|none~1|none~2|", "allowed are none, skip_con"},
       }) {
    CHECK_THROWS_WITH(read(ArchitectureText("nasbench201", 8, kNames201), text),
                      ContainsSubstring(reason));
  }
}

}  // namespace
}  // namespace ctnas
