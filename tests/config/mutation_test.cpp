#include <gmock/gmock.h>

#include "base/file.hpp"
#include "config/report.hpp"
#include "tests/config/support.hpp"

namespace gslb::config {
namespace {

/// Loads or says why not, never both and never neither.
void expect_an_outcome(const std::string& text) {
  base::ErrorList errors;
  const auto config = load_text("deploy/samples/mutant.yaml", text, errors);
  ASSERT_NE(config.has_value(), !errors.empty()) << text;
  ASSERT_EQ(report(errors).empty(), config.has_value());
}

std::string sample(const char* name) {
  auto text = base::read_file(std::string("deploy/samples/") + name);
  return text ? std::move(*text) : std::string();
}

void flip(std::string& text, std::size_t bit) { text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8)); }

TEST(Mutants, EveryTruncationLoadsOrReports) {
  const std::string text = sample("full.yaml");
  ASSERT_FALSE(text.empty());
  for (std::size_t size = 0; size <= text.size(); ++size) {
    expect_an_outcome(text.substr(0, size));
    if (HasFatalFailure()) return;
  }
}

void expect_an_outcome_with_flipped(std::string text, std::size_t bit) {
  flip(text, bit);
  expect_an_outcome(text);
}

TEST(Mutants, EverySingleBitFlipLoadsOrReports) {
  const std::string text = sample("minimal.yaml");
  ASSERT_FALSE(text.empty());
  for (std::size_t bit = 0; bit < text.size() * 8 && !HasFatalFailure(); ++bit)
    expect_an_outcome_with_flipped(text, bit);
}

// Every ninth bit, so that all bits of an octet have their turn: flipping all of them takes a minute.
TEST(Mutants, AFlippedBitAnywhereInTheFullSampleLoadsOrReports) {
  const std::string text = sample("full.yaml");
  ASSERT_FALSE(text.empty());
  for (std::size_t bit = 0; bit < text.size() * 8 && !HasFatalFailure(); bit += 9)
    expect_an_outcome_with_flipped(text, bit);
}

}  // namespace
}  // namespace gslb::config
