#include "config/keys.hpp"

#include <gmock/gmock.h>

#include <set>

#include "base/file.hpp"

namespace gslb::config {
namespace {

/// The part of docs/configuration.md under the heading of one mapping.
std::string section_of(const std::string& document, std::string_view mapping) {
  const std::string heading =
      "\n## " + (mapping.empty() ? std::string("Top level") : "`" + std::string(mapping) + "`") + "\n";
  const auto start = document.find(heading);
  if (start == std::string::npos) return "";
  return document.substr(start + 1, document.find("\n## ", start + 1) - start);
}

TEST(Documentation, HasARowForEveryKeyWithItsTypeAndMeaning) {
  const auto document = base::read_file("docs/configuration.md");
  ASSERT_TRUE(document);
  for (const MappingInfo& mapping : known_keys()) {
    const std::string section = section_of(*document, mapping.mapping);
    EXPECT_NE(section, "") << "no section for " << mapping.mapping;
    for (const KeyInfo& key : mapping.keys) {
      const std::string row = "| `" + std::string(key.name) + "`" + (key.required ? " (required)" : "") + " | " +
                              std::string(key.type) + " | ";
      const auto at = section.find(row);
      EXPECT_NE(at, std::string::npos) << mapping.mapping << ": no row starts with " << row;
      if (at == std::string::npos) continue;
      const std::string line = section.substr(at, section.find('\n', at) - at);
      EXPECT_NE(line.find(key.meaning), std::string::npos) << line << "\nlacks: " << key.meaning;
    }
  }
}

TEST(Documentation, HasNoRowForAKeyThatIsNotKnown) {
  const auto document = base::read_file("docs/configuration.md");
  ASSERT_TRUE(document);
  for (const MappingInfo& mapping : known_keys()) {
    std::set<std::string, std::less<>> names;
    for (const KeyInfo& key : mapping.keys) names.emplace(key.name);
    const std::string section = section_of(*document, mapping.mapping);
    for (std::size_t at = section.find("\n| `"); at != std::string::npos; at = section.find("\n| `", at + 1)) {
      const std::string name = section.substr(at + 4, section.find('`', at + 4) - at - 4);
      EXPECT_TRUE(names.contains(name)) << mapping.mapping << ": " << name;
    }
  }
}

TEST(Keys, AreUniqueInTheirMappingAndSayWhatTheyMean) {
  for (const MappingInfo& mapping : known_keys()) {
    std::set<std::string_view> names;
    for (const KeyInfo& key : mapping.keys) {
      EXPECT_TRUE(names.insert(key.name).second) << mapping.mapping << "." << key.name;
      EXPECT_FALSE(key.type.empty() || key.meaning.empty()) << mapping.mapping << "." << key.name;
    }
  }
}

}  // namespace
}  // namespace gslb::config
