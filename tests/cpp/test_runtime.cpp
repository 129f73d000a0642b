#include <cstdlib>
#include <fstream>

#include "catch2.hpp"
#include "ctnas/error.hpp"
#include "ctnas/runtime.hpp"
#include "fixtures.hpp"
#include "runtime/elf_check.hpp"
#include "runtime/platform.hpp"

namespace ctnas {
namespace {

namespace fs = std::filesystem;

/// A file that holds the beginning of another one, removed with the object.
class Beginning {
 public:
  Beginning(const fs::path& source, std::size_t bytes)
      : path_(fs::temp_directory_path() / ("ctnas-" + std::to_string(process_id()) + ".so")) {
    std::ifstream input(source, std::ios::binary);
    std::vector<char> text(bytes);
    input.read(text.data(), static_cast<std::streamsize>(bytes));
    std::ofstream(path_, std::ios::binary).write(text.data(), input.gcount());
  }
  ~Beginning() { fs::remove(path_); }
  Beginning(const Beginning&) = delete;
  Beginning& operator=(const Beginning&) = delete;

  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

TEST_CASE("the runtime is loaded once and says what it is") {
  const Runtime runtime = Runtime::load();
  CHECK(runtime.version().starts_with("1."));
  CHECK(Runtime::load(runtime.path()).path() == runtime.path());
  CHECK_THROWS_AS(Runtime::load("/another/library.so"), ProviderError);
  const auto providers = runtime.available_providers();
  CHECK(std::find(providers.begin(), providers.end(), "CPUExecutionProvider") != providers.end());
}

TEST_CASE("telemetry is off before the environment exists") {
  static_cast<void>(Runtime::load());
  const char* disabled = std::getenv("ORT_DISABLE_TELEMETRY");
  REQUIRE(disabled != nullptr);
  CHECK(std::string(disabled) == "1");
}

#ifdef __linux__
TEST_CASE("a truncated library is refused before the loader maps it") {
  const fs::path whole = Runtime::load().path();
  CHECK_NOTHROW(require_complete_library(whole));
  const std::size_t bytes = GENERATE(as<std::size_t>{}, 100, 5000, 1'000'000);
  const Beginning part(whole, bytes);
  CHECK_THROWS_WITH(require_complete_library(part.path()), ContainsSubstring("truncated"));
}
#endif

TEST_CASE("what is no library is left to the loader, which says so") {
  const fs::path model = testing::model_path("ranker.onnx");
  CHECK_NOTHROW(require_complete_library(model));
  CHECK_THROWS_AS(open_library(model), ProviderError);
  CHECK_THROWS_AS(open_library("/no/such/library.so"), ProviderError);
}

}  // namespace
}  // namespace ctnas
