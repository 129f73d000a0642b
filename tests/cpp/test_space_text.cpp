#include "ctnas/space_text.hpp"

#include "catch2.hpp"
#include "ctnas/error.hpp"

namespace ctnas {
namespace {

using Row = std::vector<std::int16_t>;

/// A network of two or three layers; the third is there where the depth is 3.
TextForm layers(std::string pattern) {
  return {{{"depth", {"2", "3"}, {2.0, 3.0}},
           {"kind", {"a,b", "b,c"}, {}},
           {"width", {"16", "24.5"}, {16.0, 24.5}}},
          {{2, {{0, {0, 1}}}}},
          std::move(pattern),
          false};
}

Row parse(const SpaceText& form, std::string_view text) {
  Row row(form.decisions());
  form.parse(text, row);
  return row;
}

TEST_CASE("decisions are named in any order, without those that are not active") {
  const SpaceText form(layers(""));
  CHECK(form.format(Row{0, 1, 1}) == "depth=2,kind=b,c");
  CHECK(form.format(Row{1, 0, 1}) == "depth=3,kind=a,b,width=24.5");
  const SpaceText plain({{{"a", {"x", "y"}, {}}, {"b", {"1", "20"}, {1.0, 20.0}}}, {}, "", false});
  CHECK(parse(plain, " b = 2e1 , a=y\n") == Row{1, 1});
  CHECK_THROWS_WITH(parse(plain, "a=x"), "decision 'b' is missing: 'a=x'");
  CHECK_THROWS_WITH(parse(plain, "a=x,a=x"), "decision 'a' is made twice: 'a=x,a=x'");
  CHECK_THROWS_WITH(parse(plain, "a=x,b=19"),
                    "decision 'b' has no choice '19' (the nearest is 20); allowed are 1, 20");
  CHECK_THROWS_WITH(parse(plain, "a=x,b"), "'b' is no decision=choice; decisions are a, b");
}

TEST_CASE("a pattern tells what is there by what is written") {
  const SpaceText form(layers("<{kind:1}~{kind:2}[|w{width}]>"));
  CHECK(form.format(Row{0, 1, 0}) == "<b~c>");
  CHECK(form.format(Row{1, 0, 1}) == "<a~b|w24.5>");
  CHECK(parse(form, "<b~c>") == Row{0, 1, 0});
  CHECK(parse(form, " <a~b|w24.5> ") == Row{1, 0, 1});
  CHECK_THROWS_WITH(parse(form, "<b~a>"), ContainsSubstring("no choice 'b,a'"));
  CHECK_THROWS_WITH(parse(form, "<b~c|w9>"), ContainsSubstring("'width' has no choice '9'"));
  CHECK_THROWS_WITH(parse(form, "<b~c"), ContainsSubstring("needed '>' at ''"));
  CHECK_THROWS_WITH(parse(form, "<b~c>>"), ContainsSubstring("needed 'its end' at '>'"));
}

TEST_CASE("signs of a pattern are doubled where they are meant themselves") {
  const SpaceText form({{{"a", {"x", "y"}, {}}}, {}, "{{[[{a}]]}}", false});
  CHECK(form.format(Row{1}) == "{[y]}");
  CHECK(parse(form, "{[y]}") == Row{1});
}

TEST_CASE("a pattern that cannot be read from left to right is refused") {
  struct Case {
    const char* pattern;
    const char* reason;
  };
  for (const auto& [pattern, reason] : {
           Case{"{kind}{depth} {width}", "two decisions need a sign between them"},
           Case{"{depth} {kind}", "it does not tell decision 'width'"},
           Case{"{other}", "there is no decision 'other'"},
           Case{"{depth", "a '{' has no '}'"},
           Case{"[-{width}", "a '[' has no ']'"},
           Case{"[-]", "no decision stands between"},
           Case{"a]", "a single ']'"},
           Case{"{kind:1} {kind:1} [-{width}]", "tells decision 'kind' twice"},
           Case{"{kind:1} [-{width}]", "one part of decision 'kind'"},
           Case{"{kind:3} [-{width}]", "has no part 3"},
           Case{"{kind},{depth}[-{width}]", "which tells where a choice ends"},
       }) {
    CHECK_THROWS_WITH(SpaceText(layers(pattern)), ContainsSubstring(reason));
  }
}

TEST_CASE("many texts are read as each alone, and those that cannot be are listed",
          "[concurrency]") {
  const SpaceText form(layers("<{kind}[|w{width}]>"));
  std::vector<std::string> texts;
  for (int at = 0; at < 5000; ++at) texts.emplace_back(at % 3 == 0 ? "<a,b>" : "<b,c|w16>");
  texts[7] = texts[4321] = "<>";
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  Row rows(texts.size() * 3);
  CHECK(form.parse(views, rows, 3, {}) == std::vector<std::size_t>{7, 4321});
  CHECK(Row(rows.begin(), rows.begin() + 6) == Row{0, 0, 0, 1, 1, 0});
  CHECK(form.format(std::span(rows).first(9), 2, {}) ==
        std::vector<std::string>{texts[0], texts[1], texts[2]});
}

}  // namespace
}  // namespace ctnas
