#include "dns/name.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstring>

#include "dns/name_hash.hpp"

namespace gslb::dns {
namespace {

using testing::ElementsAre;

Name name(std::string_view text) { return Name::parse(text).value(); }
std::string repeat(std::string_view text, int times) {
  std::string out;
  while (times-- > 0) out += text;
  return out;
}

// RFC 1035 section 3.1: a name is labels, each with its length before it, and the root's empty label.
TEST(Name, IsLabelsWithTheirLengths) {
  EXPECT_THAT(name("ab.c.").wire(), ElementsAre(2, 'a', 'b', 1, 'c', 0));
  EXPECT_THAT(name(".").wire(), ElementsAre(0));
  EXPECT_TRUE(name(".").is_root());
  EXPECT_EQ(name("www.example.org.").labels(), 3U);
  EXPECT_EQ(Name().labels(), 0U);
}

// RFC 4343: names compare without regard to case, so they are kept in lower case.
TEST(Name, IsKeptInLowerCase) {
  EXPECT_EQ(name("WWW.Example.ORG."), name("www.example.org."));
  EXPECT_EQ(name("\\065\\090.").to_string(), "az.");
  const Name mixed = Name::from_wire(std::vector<std::uint8_t>{3, 'W', 'w', 'W', 0});
  EXPECT_EQ(mixed.to_string(), "www.");
}

// RFC 1035 section 5.1: a name without a final dot is relative to the origin; "@" is the origin.
TEST(Name, IsCompletedWithTheOrigin) {
  const Name origin = name("example.org.");
  EXPECT_EQ(Name::parse("www", origin)->to_string(), "www.example.org.");
  EXPECT_EQ(Name::parse("www.", origin)->to_string(), "www.");
  EXPECT_EQ(Name::parse("@", origin), origin);
  EXPECT_EQ(Name::parse("\\@", origin)->to_string(), "\\@.example.org.");
}

// RFC 1035 section 5.1: \DDD is the octet of that decimal number, \c is c without its meaning.
TEST(Name, UnderstandsEscapes) {
  EXPECT_THAT(name("a\\.b.").wire(), ElementsAre(3, 'a', '.', 'b', 0));
  EXPECT_THAT(name("\\000\\255.").wire(), ElementsAre(2, 0, 255, 0));
  EXPECT_THAT(name("\\\\\\032.").wire(), ElementsAre(2, '\\', ' ', 0));
  for (const char* bad : {"\\", "a\\", "\\25", "\\25x", "\\2x5", "\\256.", "\\999.", "\\1.", "a.\\12"})
    EXPECT_FALSE(Name::parse(bad)) << bad;
}

TEST(Name, RefusesEmptyLabelsAndOctetsThatNeedAnEscape) {
  for (const char* bad : {"", "..", ".a", "a..b", "a..", "a b", "a\tb", "a\"", "(a)", "a;b", "b\xc3\xbc", "a\x7f"})
    EXPECT_FALSE(Name::parse(bad)) << bad;
  EXPECT_FALSE(Name::parse(std::string_view("a\0b", 3)));
}

// RFC 1035 section 2.3.4: 63 octets a label, 255 a name.
TEST(Name, HoldsToTheLimitsOfLabelAndName) {
  EXPECT_TRUE(Name::parse(std::string(63, 'a')));
  EXPECT_FALSE(Name::parse(std::string(64, 'a')));
  EXPECT_TRUE(Name::parse(repeat("\\097", 63)));
  EXPECT_FALSE(Name::parse(repeat("\\097", 64)));

  const std::string label(63, 'a');
  const std::string three = label + '.' + label + '.' + label + '.';  // 192 octets without the root
  EXPECT_EQ(Name::parse(three + std::string(61, 'b'))->wire().size(), 255U);
  EXPECT_FALSE(Name::parse(three + std::string(62, 'b')));
  EXPECT_FALSE(Name::parse(std::string(62, 'b'), name(three)));
  EXPECT_TRUE(Name::parse(std::string(61, 'b'), name(three)));

  EXPECT_EQ(Name::parse(repeat("a.", 127))->labels(), max_labels);
  EXPECT_FALSE(Name::parse(repeat("a.", 128)));
}

TEST(Name, PrintsWhatItCanReadBack) {
  EXPECT_EQ(name("a\\.b\\032\\\"\\(\\;\\$c.Example.").to_string(), "a\\.b\\032\\\"\\(\\;\\$c.example.");
  std::vector<std::uint8_t> wire;
  for (int octet = 0; octet < 256; octet += 32) {
    wire.push_back(31);
    for (int i = 0; i < 31; ++i) wire.push_back(static_cast<std::uint8_t>(octet + i));
    if (wire.size() > 200) break;
  }
  wire.push_back(0);
  const Name odd = Name::from_wire(wire);
  EXPECT_EQ(Name::parse(odd.to_string()), odd);
}

TEST(Name, KnowsItsAncestors) {
  const Name www = name("www.example.org.");
  EXPECT_TRUE(www.is_below_or_equal(www));
  EXPECT_TRUE(www.is_below_or_equal(name("example.org.")));
  EXPECT_TRUE(www.is_below_or_equal(Name()));
  EXPECT_FALSE(www.is_below_or_equal(name("ample.org.")));
  EXPECT_FALSE(www.is_below_or_equal(name("example.net.")));
  EXPECT_FALSE(www.is_below_or_equal(name("a.www.example.org.")));
  EXPECT_FALSE(name("\\007example.org.").is_below_or_equal(name("example.org."))) << "a length octet inside a label";
  EXPECT_EQ(www.parent(), name("example.org."));
  EXPECT_EQ(Name().parent(), Name());
}

// RFC 4592 section 2.1.1: a wildcard's first label is exactly "*".
TEST(Name, IsAWildcardOnlyWithAStarAlone) {
  EXPECT_TRUE(name("*.example.org.").is_wildcard());
  EXPECT_FALSE(name("*a.example.org.").is_wildcard());
  EXPECT_FALSE(name("a.*.example.org.").is_wildcard());
  EXPECT_FALSE(Name().is_wildcard());
}

// RFC 4034 section 6.1, with the section's own example.
TEST(CanonicalOrder, IsThatOfTheExampleInTheRfc) {
  const std::vector<std::string> sorted{"example.",         "a.example.",      "yljkjljk.a.example.",
                                        "Z.a.example.",     "zABC.a.EXAMPLE.", "z.example.",
                                        "\\001.z.example.", "*.z.example.",    "\\200.z.example."};
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    for (std::size_t j = 0; j < sorted.size(); ++j)
      EXPECT_EQ(canonical_less(name(sorted[i]).wire(), name(sorted[j]).wire()), i < j) << sorted[i] << ' ' << sorted[j];
  }
}

TEST(CanonicalOrder, IgnoresCaseAndPutsTheShorterLabelFirst) {
  const std::vector<std::uint8_t> upper{1, 'A', 0};
  const std::vector<std::uint8_t> low{1, 'a', 0};
  EXPECT_FALSE(canonical_less(upper, low));
  EXPECT_FALSE(canonical_less(low, upper));
  EXPECT_TRUE(canonical_less(name("ab.").wire(), name("abc.").wire()));
  EXPECT_TRUE(canonical_less(Name().wire(), low));
}

TEST(NameHash, IsBuiltFromTheRootDown) {
  std::uint64_t hash = root_hash;
  for (const char* label : {"org", "example", "www"})
    hash = child_hash(hash, reinterpret_cast<const std::uint8_t*>(label), std::strlen(label));
  EXPECT_EQ(hash_name(name("www.example.org.").wire()), hash);
  EXPECT_EQ(hash_name(Name().wire()), root_hash);
}

TEST(NameHash, TellsWhereALabelEnds) {
  EXPECT_NE(hash_name(name("ab.c.").wire()), hash_name(name("a.bc.").wire()));
  EXPECT_NE(hash_name(name("a.").wire()), hash_name(name("a\\000.").wire()));
}

TEST(LowerCase, OfEightOctetsIsThatOfEachOne) {
  for (unsigned value = 0; value < 256; ++value) {
    for (int at = 0; at < 8; ++at) {
      std::array<std::uint8_t, 8> octets{'A', 'z', 'Z', '@', '[', 0xff, 0x80, 0};
      octets[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(value);
      std::uint64_t word;
      std::memcpy(&word, octets.data(), 8);
      word = lower8(word);
      std::array<std::uint8_t, 8> lowered;
      std::memcpy(lowered.data(), &word, 8);
      std::transform(octets.begin(), octets.end(), octets.begin(), lower);
      ASSERT_EQ(lowered, octets) << value << " at " << at;
    }
  }
}

}  // namespace
}  // namespace gslb::dns
