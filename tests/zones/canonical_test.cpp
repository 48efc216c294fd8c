// zones/canonical.hpp: RFC 4034 section 6.1.
#include "zones/canonical.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/random.hpp"

namespace gslb::zones {
namespace {

dns::Name name(const std::string& text) { return *dns::Name::parse(text); }

/// The part of a name before the root.
dns::NameView relative(const dns::Name& full) { return full.wire().first(full.wire().size() - 1); }

// The example of RFC 4034 section 6.1, below "example." or not: a common end changes no order.
TEST(Rfc4034Section6_1, ThePublishedExampleIsInOrder) {
  const std::vector<std::string> sorted{"example.",         "a.example.",      "yljkjljk.a.example.",
                                        "z.a.example.",     "zabc.a.example.", "z.example.",
                                        "\\001.z.example.", "*.z.example.",    "\\200.z.example."};
  for (std::size_t i = 0; i < sorted.size(); ++i)
    for (std::size_t j = 0; j < sorted.size(); ++j) {
      const dns::Name a = name(sorted[i]);
      const dns::Name b = name(sorted[j]);
      EXPECT_EQ(CanonicalName(relative(a)) < CanonicalName(relative(b)), i < j) << sorted[i] << " " << sorted[j];
      EXPECT_EQ(CanonicalName(relative(a)) <=> CanonicalName(relative(b)), i <=> j);
    }
}

TEST(Rfc4034Section6_1, AgreesWithTheOrderOfWholeNames) {
  base::Random random(3);
  std::vector<dns::Name> names;
  for (unsigned i = 0; i < 200; ++i) {
    std::string text;
    for (unsigned label = random.below(4); label > 0; --label) {
      for (unsigned octet = 1 + random.below(3); octet > 0; --octet) text += static_cast<char>('a' + random.below(3));
      text += '.';
    }
    names.push_back(name(text.empty() ? "." : text));
  }
  for (const dns::Name& a : names)
    for (const dns::Name& b : names)
      EXPECT_EQ(CanonicalName(relative(a)) < CanonicalName(relative(b)), dns::canonical_less(a.wire(), b.wire()));
}

}  // namespace
}  // namespace gslb::zones
