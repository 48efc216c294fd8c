// What docs/health.md shows: each example is a configuration that loads.
#include <gmock/gmock.h>

#include "base/file.hpp"
#include "tests/config/support.hpp"

namespace gslb::config {
namespace {

TEST(HealthDocument, HasExamplesThatLoad) {
  const auto document = base::read_file("docs/health.md");
  ASSERT_TRUE(document);
  constexpr std::string_view fence = "```yaml\n";
  unsigned examples = 0;
  for (std::size_t at = document->find(fence); at != std::string::npos; at = document->find(fence, at)) {
    at += fence.size();
    const std::string example = document->substr(at, document->find("```", at) - at);
    const bool whole = example.find("zones:") != std::string::npos;
    EXPECT_THAT(testing::errors_of(example + (whole ? "" : "zones: { example.org: { ns: [ns1] } }\n")),
                ::testing::IsEmpty())
        << example;
    ++examples;
  }
  EXPECT_GE(examples, 5U);
}

}  // namespace
}  // namespace gslb::config
