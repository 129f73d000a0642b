#include "text/declared_space.hpp"

#include "catch2.hpp"
#include "ctnas/error.hpp"
#include "text/architecture_text.hpp"

namespace ctnas {
namespace {

using Names = std::vector<std::string>;
using Ids = std::vector<std::int64_t>;

const std::string kDecisions = R"("name":"own","decisions":{"depth":[1,2],"width":[16,24.5]},)"
                               R"("active":{"width":{"depth":[2]}})";
const Names kChain{"padding", "input", "output", "depth=1", "depth=2", "width=16", "width=24.5"};

/// Reads texts of a declared chain of decisions with further entries.
ArchitectureText reader(const std::string& further = "") {
  return {"own", 4, kChain, read_declaration("{\"version\":2," + kDecisions + further + "}")};
}

TEST_CASE("a declared chain of decisions is read from its text") {
  CHECK(reader().read("depth=1").operations == Ids{1, 3, 2, 0});
  CHECK(reader().read("width=24.5,depth=2").operations == Ids{1, 4, 6, 2});
  CHECK(reader(R"(,"text":"{depth}[/{width}]")").read("2/16").operations == Ids{1, 4, 5, 2});
  CHECK(reader().read("10.1 input|depth=1|output").operations == Ids{1, 3, 2, 0});
}

TEST_CASE("what breaks a declared constraint is refused by name") {
  const auto text = reader(R"(,"forbidden":[{"depth":[2],"width":[16]}],"most_edges":2)");
  CHECK(text.read("depth=1").operations == Ids{1, 3, 2, 0});
  CHECK_THROWS_WITH(text.read("depth=2,width=16"), "depth=2 and width=16 is forbidden");
  CHECK_THROWS_WITH(text.read("depth=2,width=24.5"), "it has more than 2 edges");
}

TEST_CASE("declared nodes and edges depend on decisions") {
  const std::string wiring =
      R"({"version":1,"name":"own","decisions":{"op":["a","none"],"skip":["y","n"]},"active":{},)"
      R"("tables":[[[],[1]],[[0],[3,0]],[[],[2]],[[1],[1,0]]],)"
      R"("nodes":[[0,-1],[1,-1],[2,-1]],"edges":[[0,1],[1,2],[0,2,3]]})";
  const ArchitectureText text("own", 3, {"padding", "input", "output", "a"},
                              read_declaration(wiring));
  CHECK(text.read("op=a,skip=y").adjacency == std::vector<std::uint8_t>{0, 1, 1, 0, 0, 1, 0, 0, 0});
  CHECK(text.read("op=none,skip=y").operations == Ids{1, 2, 0});
}

TEST_CASE("a damaged declaration is a model that cannot be used") {
  for (const char* text : {"{", "[]", R"({"version":3})", "{\"version\":1,\"name\":\"own\"}",
                           R"({"version":1,"decisions":{"a":[]},"active":{}})",
                           R"({"version":1,"decisions":{"a":[1,"b"]},"active":{}})",
                           R"({"version":1,"decisions":{"a":["b"]},"active":{"c":{"a":["b"]}}})",
                           R"({"version":1,"decisions":{"a":["b"]},"active":{"a":{"a":["c"]}}})",
                           R"({"version":1,"decisions":{"a":["b"]},"active":{},"nodes":[]})"}) {
    CHECK_THROWS_AS(read_declaration(text), ModelError);
  }
  CHECK_THROWS_AS(reader(R"(,"text":"{depth}")"), ModelError);
  CHECK_THROWS_AS(reader(R"(,"tables":[],"nodes":[[0,-1]],"edges":[])"), ModelError);
  CHECK_THROWS_AS(reader(R"(,"tables":[[[],[1]]],"nodes":[[0,-1]],"edges":[])"), ModelError);
  CHECK_THROWS_AS(reader(std::string(",\"text\":") + std::string(100, '[')), ModelError);
}

}  // namespace
}  // namespace ctnas
