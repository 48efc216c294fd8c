// What docs/policies.md promises: each section's configuration is loaded, and the rows of its table are asked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

#include "base/file.hpp"
#include "base/random.hpp"
#include "tests/support/test_server.hpp"

namespace gslb::test {
namespace {

/// One section: the text of its YAML block and its table, by column name.
struct Example {
  std::string name;
  std::string yaml;
  std::string table;  ///< of round trips
  std::vector<std::string> columns;
  std::vector<std::map<std::string, std::string>> rows;
};

std::string trimmed(std::string text) {
  text.erase(0, text.find_first_not_of(' '));
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream rest(line.substr(1));
  for (std::string cell; std::getline(rest, cell, '|');) cells.push_back(trimmed(cell));
  return cells;
}

void add_row(Example& example, const std::string& line) {
  const auto cells = cells_of(line);
  if (cells[0].starts_with("---")) return;
  if (example.columns.empty()) {
    example.columns = cells;
    return;
  }
  auto& row = example.rows.emplace_back();
  for (std::size_t i = 0; i < example.columns.size() && i < cells.size(); ++i) row[example.columns[i]] = cells[i];
}

/// The first block is what all examples share.
std::vector<Example> examples() {
  std::vector<Example> out(1);
  const auto document = base::read_file("docs/policies.md");
  EXPECT_TRUE(document);
  std::istringstream lines(document.value());
  enum { text, yaml, other } block = text;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## ")) {
      out.emplace_back().name = line.substr(3);
    } else if (line.starts_with("```")) {
      block = block != text ? text : line == "```yaml" ? yaml : other;
    } else if (block != text) {
      (block == yaml ? out.back().yaml : out.back().table) += line + "\n";
    } else if (line.starts_with("| ") && (line.starts_with("| client") || !out.back().columns.empty())) {
      add_row(out.back(), line);
    }
  }
  return out;
}

std::string answer_of(TestServer& server, const std::string& client) {
  Ask ask;
  ask.name = "www.example.org.";
  ask.subnet = client;
  const Reply reply = server.ask(ask);
  if (reply.rcode() == 2) return "SERVFAIL";
  std::string out;
  for (const std::string& record : reply.answer())
    out += (out.empty() ? "" : " ") + record.substr(record.rfind(' ') + 1);
  return out;
}

/// Answers to 4,096 networks of 56 bits inside a longer one, in percent.
std::map<std::string, double> shares_of(TestServer& server, const base::Prefix& inside) {
  base::Random random(17);
  std::map<std::string, double> out;
  constexpr int networks = 4096;
  for (int i = 0; i < networks; ++i) {
    base::IpAddress address = inside.address;
    for (std::size_t bit = inside.length; bit < 56; ++bit)
      address.octets[bit / 8] |= static_cast<std::uint8_t>(random.below(2) << (7 - bit % 8));
    out[answer_of(server, base::to_string(base::make_prefix(address, 56)))] += 100.0 / networks;
  }
  return out;
}

/// "192.0.2.1 75 %, 192.0.2.2 25 %"
std::map<std::string, double> shares_in(const std::string& cell) {
  std::map<std::string, double> out;
  std::istringstream parts(cell);
  for (std::string part; std::getline(parts, part, ',');) {
    const std::string words = trimmed(part.substr(0, part.find('%')));
    const auto last = trimmed(words).rfind(' ');
    out[trimmed(words.substr(0, last))] = std::stod(words.substr(last));
  }
  return out;
}

void check(const Example& example, const std::string& shared) {
  SCOPED_TRACE(example.name);
  const std::string file = testing::TempDir() + "round-trips-" + std::to_string(::getpid()) + ".csv";
  std::string yaml = "control: { socket: none }\nlisten: 127.0.0.1:5300\n" + shared + example.yaml;
  if (const auto at = yaml.find("round-trips.csv"); at != std::string::npos) {
    yaml.replace(at, std::string("round-trips.csv").size(), file);
    std::ofstream(file) << example.table;
  }
  TestServer server(yaml);
  std::filesystem::remove(file);
  for (const auto& row : example.rows) {
    SCOPED_TRACE(row.at("client") + " " + row.at("answer"));
    for (auto& state : server.states()) state.verdict = health::Verdict::up;
    server.publish();
    std::istringstream down(row.contains("down") ? row.at("down") : "");
    for (std::string address; down >> address;) server.set(address, health::Verdict::down);
    if (row.at("answer").find('%') == std::string::npos) {
      EXPECT_EQ(answer_of(server, row.at("client")), row.at("answer"));
      continue;
    }
    const auto expected = shares_in(row.at("answer"));
    const auto found = shares_of(server, base::parse_prefix(row.at("client")).value());
    for (const auto& [answer, percent] : found) EXPECT_TRUE(expected.contains(answer)) << answer << " " << percent;
    for (const auto& [answer, percent] : expected) {
      EXPECT_NEAR(found.contains(answer) ? found.at(answer) : 0, percent, 2.5) << answer;
    }
  }
}

TEST(PoliciesDocument, SaysWhatTheServerAnswers) {
  const auto all = examples();
  std::string shared;
  std::size_t checked = 0;
  for (const Example& example : all) {
    if (example.rows.empty()) {
      shared += example.yaml;
      continue;
    }
    check(example, shared);
    ++checked;
  }
  EXPECT_EQ(checked, 12U);
}

}  // namespace
}  // namespace gslb::test
