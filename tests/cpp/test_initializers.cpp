#include "runtime/initializers.hpp"

#include <string>

#include "catch2.hpp"
#include "fixtures.hpp"
#include "runtime/protobuf_fields.hpp"

namespace ctnas {
namespace {

std::vector<std::byte> bytes(const std::string& text) {
  std::vector<std::byte> result;
  for (const char character : text) result.push_back(static_cast<std::byte>(character));
  return result;
}

TEST_CASE("fields of every wire type are read") {
  // Field 1 = varint 300, 2 = "ab", 3 = four bytes, 4 = eight bytes.
  const auto message =
      bytes(std::string("\x08\xac\x02\x12\x02") + "ab" + "\x1d" + "wxyz" + "\x21" + "01234567");
  ProtobufFields fields(message);
  const auto number = fields.next();
  REQUIRE(number);
  CHECK((number->number == 1 && number->value == 300));
  const auto text = fields.next();
  REQUIRE(text);
  CHECK((text->number == 2 && text->bytes.size() == 2));
  const auto four = fields.next();
  REQUIRE(four);
  CHECK((four->number == 3 && four->bytes.size() == 4));
  const auto eight = fields.next();
  REQUIRE(eight);
  CHECK((eight->number == 4 && eight->bytes.size() == 8));
  CHECK_FALSE(fields.next());
}

TEST_CASE("reading ends at a malformed byte") {
  for (const char* text : {"\x08", "\x12\x05zz", "\x0b", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
                           "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"}) {
    const auto message = bytes(text);
    ProtobufFields fields(message);
    CHECK_FALSE(fields.next());
    CHECK_FALSE(fields.next());
  }
}

TEST_CASE("float initializers are found by name, others left out") {
  const auto found = read_initializers(testing::model_bytes("ranker.onnx"));
  REQUIRE(found.size() == 2);
  CHECK(found.at("embedding").shape == std::vector<std::uint64_t>{6, 8});
  CHECK(found.at("embedding").values.size() == 48);
  CHECK(found.at("head").shape == std::vector<std::uint64_t>{8, 2});
}

TEST_CASE("a damaged model has fewer initializers, or other ones, and nothing else happens") {
  const auto model = testing::model_bytes("ranker.onnx");
  for (std::size_t length = 0; length < model.size(); ++length) {
    CHECK(read_initializers(std::span(model).first(length)).size() <= 2);
  }
  for (std::size_t place = 0; place < model.size(); ++place) {
    auto damaged = model;
    damaged[place] ^= std::byte{0xff};
    CHECK(read_initializers(damaged).size() <= 4);
  }
}

}  // namespace
}  // namespace ctnas
