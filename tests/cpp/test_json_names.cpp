#include "catch2.hpp"
#include "ctnas/error.hpp"
#include "text/json_names.hpp"

namespace ctnas {
namespace {

using Names = std::vector<std::string>;

TEST_CASE("names are read from JSON") {
  CHECK(parse_json_names("[]").empty());
  CHECK(parse_json_names(R"( [ "a" , "b c","" ] )") == Names{"a", "b c", ""});
}

TEST_CASE("escapes stand for their characters, as UTF-8") {
  CHECK(parse_json_names(R"(["\"\\\/\b\f\n\r\t"])") == Names{"\"\\/\b\f\n\r\t"});
  CHECK(parse_json_names(R"(["\u0041\u00fc\u20AC\ud83d\ude00"])") ==
        Names{"A\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80"});
}

TEST_CASE("what is no list of names is refused") {
  for (const char* text :
       {"", "[", "]", R"("a")", "[1]", R"(["a")", R"(["a",])", R"(["a" "b"])", R"(["a"] 1)",
        R"(["a)", "[\"a\n\"]", R"(["\x"])", R"(["\u12"])", R"(["\u12g4"])", R"(["\ud83d"])",
        R"(["\ud83d\u0041"])", R"(["\ude00"])", "[null]", "{}"}) {
    CHECK_THROWS_AS(parse_json_names(text), ModelError);
  }
}

}  // namespace
}  // namespace ctnas
