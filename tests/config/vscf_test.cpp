#include "config/vscf.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace gslb::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Files in memory; a pattern ends in a star, a folder in a slash.
FileSource files_of(const std::map<std::string, std::string>& files) {
  FileSource out;
  out.read = [files](const std::string& path) -> base::Result<std::string> {
    const auto at = files.find(path);
    if (at == files.end()) return base::Error{path + ": no such file"};
    return at->second;
  };
  out.list = [files](const std::string& pattern, bool& is_folder) {
    is_folder = pattern.ends_with('/');
    const bool many = is_folder || pattern.ends_with('*');
    const std::string begin = many && !is_folder ? pattern.substr(0, pattern.size() - 1) : pattern;
    std::vector<std::string> paths;
    for (const auto& [path, text] : files) {
      if (many ? path.starts_with(begin) : path == pattern) paths.push_back(path);
    }
    return paths;
  };
  return out;
}

/// The tree as one line: words, [a b], {k=v}.
std::string shown(const Value& value) {
  std::string out;
  if (value.kind == Value::Kind::scalar) return value.text;
  for (const Value& item : value.items) out += (out.empty() ? "" : " ") + shown(item);
  for (const Entry& entry : value.entries) out += (out.empty() ? "" : " ") + entry.key.text + "=" + shown(entry.value);
  return value.kind == Value::Kind::sequence ? "[" + out + "]" : "{" + out + "}";
}

std::string parsed(const std::string& text, std::map<std::string, std::string> files = {}) {
  files["/etc/gdnsd/config"] = text;
  base::ErrorList errors;
  const auto root = parse_vscf("/etc/gdnsd/config", files_of(files), errors);
  EXPECT_EQ(root.has_value(), errors.empty());
  return root ? shown(*root) : base::headline(errors.all().at(0));
}

// gdnsd.config(5), "Low-level syntax": three ways to write the same.
TEST(Vscf, ReadsHashesArraysAndStringsHoweverTheyAreWritten) {
  const std::string same = "{options={listen=[192.0.2.1 192.0.2.2]}}";
  EXPECT_EQ(parsed("options = {\n listen = [ 192.0.2.1, 192.0.2.2 ],\n}\n"), same);
  EXPECT_EQ(parsed("\"options\" => { # so\n listen => [ 192.0.2.1 192.0.2.2 ] ; and so\n}"), same);
  EXPECT_EQ(parsed("options={listen=[192.0.2.1 192.0.2.2]}"), same);
  EXPECT_EQ(parsed(""), "{}");
  EXPECT_EQ(parsed("[ a, { b = c }, [] ]"), "[a {b=c} []]");
}

TEST(Vscf, ReadsEscapesQuotedOrNot) {
  EXPECT_EQ(parsed("k = ex\\097mpl\\e"), "{k=example}");
  EXPECT_EQ(parsed("k = \"white space { } \\\" \\092\""), "{k=white space { } \" \\}");
  EXPECT_EQ(parsed("k = \\092\\=\\=\\="), "{k=\\===}");
  EXPECT_EQ(parsed("k = a$b"), "{k=a$b}");
}

TEST(Vscf, ReadsIncludesAsValuesAndIntoHashes) {
  EXPECT_EQ(parsed("options => { listen => $include{foo} }", {{"/etc/gdnsd/foo", "[ 127.0.0.1, 127.0.0.2 ]"}}),
            "{options={listen=[127.0.0.1 127.0.0.2]}}");
  EXPECT_EQ(
      parsed(
          "plugins => { extmon => {}, $include{ \"p.d/\" }, $include{x*} }",
          {{"/etc/gdnsd/p.d/a", "weighted => {}"}, {"/etc/gdnsd/p.d/b", "metafo => {}"}, {"/etc/gdnsd/x1", "y = z"}}),
      "{plugins={extmon={} weighted={} metafo={} y=z}}");
  EXPECT_EQ(parsed("a = { $include{none/} }"), "{a={}}") << "a folder may be empty";
}

TEST(Vscf, SaysWhereItCannotGoOn) {
  EXPECT_EQ(parsed("a = {\n  b = [ 1, 2\n"), "/etc/gdnsd/config:2:7: an array that does not end");
  EXPECT_EQ(parsed("a = { b = 1"), "/etc/gdnsd/config:1:5: a hash that does not end");
  EXPECT_THAT(parsed("a = 1\nb 2\n"), HasSubstr("config:2:3: `b` has no value"));
  EXPECT_THAT(parsed("a = 1, a = 2"), HasSubstr("config:1:8: `a` stands here twice"));
  EXPECT_THAT(parsed("a = \"b"), HasSubstr("config:1:5: a quotation mark without its other"));
  EXPECT_THAT(parsed("a = \\300"), HasSubstr("at most \\255"));
  EXPECT_THAT(parsed("a = \\12"), HasSubstr("three digits"));
  EXPECT_THAT(parsed("a = $b"), HasSubstr("only $include{…} begins with a dollar sign"));
  EXPECT_THAT(parsed("= b"), HasSubstr("config:1:1: a word is expected here"));
  EXPECT_THAT(parsed("[ a ] b"), HasSubstr("nothing may follow"));
}

TEST(Vscf, RefusesIncludesThatDoNotEndOrAreNotThere) {
  EXPECT_THAT(parsed("$include{a}", {{"/etc/gdnsd/a", "$include{a}"}}),
              HasSubstr("/etc/gdnsd/a:1:1: /etc/gdnsd/a includes itself"));
  EXPECT_THAT(parsed("$include{b}"), HasSubstr("no file fits /etc/gdnsd/b"));
  EXPECT_THAT(parsed("x = $include{b*}", {{"/etc/gdnsd/b1", ""}, {"/etc/gdnsd/b2", ""}}),
              HasSubstr("a value is one file, not 2"));
  EXPECT_THAT(parsed("$include{a}", {{"/etc/gdnsd/a", "[ b ]"}}), HasSubstr("is an array, and a hash is needed here"));
  EXPECT_THAT(parsed("$include{a}", {{"/etc/gdnsd/a", "k = 2"}, {"/etc/gdnsd/b", ""}}), "{k=2}");
}

TEST(Vscf, RefusesWhatIsNestedWithoutBound) {
  EXPECT_THAT(parsed("a = " + std::string(100, '[')), HasSubstr("more than 32 levels"));
  std::map<std::string, std::string> chain;
  for (int i = 0; i < 30; ++i) chain["/etc/gdnsd/" + std::to_string(i)] = "$include{" + std::to_string(i + 1) + "}";
  EXPECT_THAT(parsed("$include{0}", chain), HasSubstr("too deeply"));
}

TEST(Vscf, AFileThatIsNotThereIsNamedOnce) {
  base::ErrorList errors;
  EXPECT_FALSE(parse_vscf("d/config", files_of({}), errors));
  ASSERT_EQ(errors.all().size(), 1U);
  EXPECT_EQ(base::to_string(errors.all()[0]), "d/config: no such file");
}

}  // namespace
}  // namespace gslb::config
