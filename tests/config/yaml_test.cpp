#include "config/yaml.hpp"

#include <gmock/gmock.h>

namespace gslb::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Value parsed(const std::string& text) {
  base::ErrorList errors;
  auto value = parse_yaml("t.yaml", text, errors);
  for (const auto& error : errors.all()) ADD_FAILURE() << base::to_string(error);
  return value.value_or(Value{});
}

std::string refused(const std::string& text) {
  base::ErrorList errors;
  EXPECT_FALSE(parse_yaml("t.yaml", text, errors));
  EXPECT_EQ(errors.all().size(), 1U);
  if (errors.empty()) return "";
  const std::string whole = base::to_string(errors.all()[0]);
  return whole.substr(0, whole.find('\n'));
}

TEST(Yaml, PositionsCountFromOne) {
  const Value root = parsed("a:\n  - x\n  - { b: \"y\" }\n");
  ASSERT_EQ(root.entries.size(), 1U);
  const Value& list = root.entries[0].value;
  ASSERT_EQ(list.items.size(), 2U);
  EXPECT_EQ(root.entries[0].key.where.line, 1);
  EXPECT_EQ(list.items[0].where.line, 2);
  EXPECT_EQ(list.items[0].where.column, 5);
  EXPECT_EQ(list.items[1].entries[0].value.where.column, 10);
}

TEST(Yaml, AnEmptyValueStandsWhereItsKeyStands) {
  const Value root = parsed("a:\nb: 1\n");
  EXPECT_EQ(root.entries[0].value.kind, Value::Kind::null);
  EXPECT_EQ(root.entries[0].value.where.line, 1);
}

TEST(Yaml, KeepsTheTextOfWordsThatOlderVersionsTakeForBooleans) {
  const Value root = parsed("[NO, on, 0777, 1e3, 'null', null]");
  EXPECT_EQ(root.items[0].text, "NO");
  EXPECT_EQ(root.items[1].text, "on");
  EXPECT_EQ(root.items[2].text, "0777");
  EXPECT_EQ(root.items[3].text, "1e3");
  EXPECT_EQ(root.items[4].text, "null");
  EXPECT_EQ(root.items[5].kind, Value::Kind::null);
}

TEST(Yaml, AcceptsAByteOrderMarkAndDosLineEnds) {
  const Value root = parsed(
      "\xef\xbb\xbf"
      "a: 1\r\nb: 2\r\n");
  ASSERT_EQ(root.entries.size(), 2U);
  EXPECT_EQ(root.entries[0].key.text, "a");
  EXPECT_EQ(root.entries[0].key.where.column, 1);
  EXPECT_EQ(root.entries[0].value.text, "1");
}

TEST(Yaml, ReportsSyntaxErrorsAtTheirPlace) {
  EXPECT_EQ(refused("a: [1, 2\nb: 3\n"), "t.yaml:2:2: not YAML: end of sequence flow not found");
  EXPECT_THAT(refused("a: {b: 1\n"), HasSubstr("t.yaml:2:1: not YAML: "));
}

TEST(Yaml, RefusesWhatAConfigurationDoesNotNeed) {
  EXPECT_EQ(refused("a: &x 1\n"), "t.yaml:1:4: anchors (&) and aliases (*) are not supported");
  EXPECT_THAT(refused("a: 1\nb: *x\n"), HasSubstr("t.yaml:2:4: "));
  EXPECT_EQ(refused("a: 1\n<<: { b: 2 }\n"), "t.yaml:2:1: merge keys (<<) are not supported");
  EXPECT_EQ(refused("a: !!binary aGk=\n"), "t.yaml:1:4: tags (!) are not supported");
  EXPECT_EQ(refused("a: 1\n---\nb: 2\n"), "t.yaml:2:1: a second document starts here: a file holds one");
  EXPECT_EQ(refused("[a]: 1\n"), "t.yaml:1:1: a key must be a word");
  EXPECT_EQ(refused("? {a: 1}\n: 1\n"), "t.yaml:1:3: a key must be a word");
}

TEST(Yaml, TakesAQuotedMergeSignAsAName) {
  const auto root = parsed("\"<<\": 1\na: <<\n");
  EXPECT_EQ(root.entries[0].key.text, "<<");
  EXPECT_EQ(root.entries[1].value.text, "<<");
}

TEST(Yaml, RefusesOctetsThatAreNoText) {
  EXPECT_EQ(refused("a: 1\n\tb: 2\n"), "t.yaml:2:1: a tab: use spaces");
  EXPECT_EQ(refused(std::string("a: \0", 4)), "t.yaml:1:4: a NUL octet: this is not a text file");
  EXPECT_EQ(refused("a: \xff\n"), "t.yaml:1:4: not valid UTF-8");
  EXPECT_EQ(refused("a: \xc0\xaf\n"), "t.yaml:1:4: not valid UTF-8");
  EXPECT_EQ(refused("a: \x1b[31m\n"), "t.yaml:1:4: a control character");
  EXPECT_EQ(refused("a: 1\rb: 2\n"), "t.yaml:1:5: a control character");
}

TEST(Yaml, DepthIsLimited) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(parsed(nested(max_depth)).kind, Value::Kind::sequence);
  EXPECT_EQ(refused(nested(max_depth + 1)), "t.yaml:1:33: nested more than 32 deep");
  EXPECT_THAT(refused(std::string(100'000, '[')), HasSubstr("nested more than 32 deep"));
  EXPECT_THAT(refused(std::string(100'000, '{')), HasSubstr("nested more than 32 deep"));
  std::string block;
  for (std::size_t i = 0; i <= max_depth; ++i) block += std::string(i, ' ') + "a:\n";
  EXPECT_THAT(refused(block + std::string(max_depth + 1, ' ') + "a: 1\n"), HasSubstr("nested more than 32 deep"));
  std::string dashes;
  for (std::size_t i = 0; i < 1000; ++i) dashes += "- ";
  EXPECT_THAT(refused(dashes + "a\n"), HasSubstr("nested more than 32 deep"));
}

TEST(Yaml, BracketsInsideQuotesAndCommentsDoNotCount) {
  const std::string brackets(100, '[');
  EXPECT_EQ(parsed("a: \"" + brackets + "\" # " + brackets + "\nb: '" + brackets + "'\n").entries.size(), 2U);
  EXPECT_EQ(parsed("a: \"\\\"" + brackets + "\"\n").entries.size(), 1U);
}

TEST(Yaml, SizeIsLimited) {
  EXPECT_EQ(refused(std::string(max_file_size + 1, '#')), "t.yaml: is larger than 8 MiB");
  std::string values = "[";
  for (std::size_t i = 0; i <= max_values; ++i) values += "a,";
  EXPECT_THAT(refused(values + "]"), HasSubstr("more than 500,000 values in one file"));
}

TEST(Secrets, AreNotQuoted) {
  EXPECT_EQ(without_secrets("a: 1\nkey: hunter2\nb: 2\n"), "a: 1\nkey: *******\nb: 2\n");
  EXPECT_EQ(without_secrets("{ a: 1, token: hunter2 }"), "{ a: 1, token: ******* *");
  EXPECT_EQ(without_secrets("\"api-token\": hunter2"), "\"api-token\": *******");
  EXPECT_EQ(without_secrets("db_password: |\n  hunter2\n  hunter3\nb: 2\n"),
            "db_password: *\n  *******\n  *******\nb: 2\n");
  EXPECT_EQ(without_secrets("a:\n  secret:\n  hunter2\n  b: 1\n"), "a:\n  secret:\n  *******\n  b: 1\n");
  EXPECT_EQ(without_secrets("monkey: 1\nkeys: 2\n"), "monkey: 1\nkeys: 2\n");
}

TEST(Secrets, DoNotStandInErrors) {
  base::ErrorList errors;
  EXPECT_FALSE(parse_yaml("t.yaml", "a: { password: hunter2, b: [ }\n", errors));
  ASSERT_FALSE(errors.empty());
  EXPECT_THAT(base::to_string(errors.all()[0]), Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace gslb::config
