// Every command of docs/reasons.md prints what stands there, but for times, and ends as the document says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "base/file.hpp"

namespace gslb::control {
namespace {

struct Command {
  std::string line;
  std::string output;
};

/// The blocks of one language, in order.
std::vector<std::string> blocks(const std::string& document, const std::string& language) {
  std::vector<std::string> out;
  const std::string open = "```" + language + "\n";
  for (std::size_t at = document.find(open); at != std::string::npos; at = document.find(open, at + 1)) {
    const std::size_t begin = at + open.size();
    out.push_back(document.substr(begin, document.find("```", begin) - begin));
  }
  return out;
}

std::vector<Command> commands(const std::string& document) {
  std::vector<Command> out;
  for (const std::string& block : blocks(document, "console")) {
    std::istringstream lines(block);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("$ ")) {
        out.push_back({line.substr(2), ""});
      } else {
        out.back().output += line + "\n";
      }
    }
  }
  return out;
}

std::string without_times(const std::string& text) {
  return std::regex_replace(text, std::regex("\\([0-9.]+ m?s\\)"), "(time)");
}

class ReasonsDocument : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "gslb-reasons-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    document_ = base::read_file("docs/reasons.md").value();
    const std::string yaml = blocks(document_, "yaml").at(0);
    write("gslb.yaml", yaml);
    write("new.yaml", std::regex_replace(yaml, std::regex(", sin: 192.0.2.30"), ""));
    const std::string old = std::regex_replace(yaml, std::regex("web: \\{ http: /healthz \\}"), "$&, old: { http: / }");
    write("idle.yaml", std::regex_replace(old, std::regex("\\[fence, "), "$&priority: [[fra, ams, iad, sin]], "));
    write("traffic.csv", blocks(document_, "csv").at(0));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }
  struct Outcome {
    int code = -1;
    std::string output;
  };
  Outcome run(const std::string& command) const {
    const std::string whole = "cd " + folder_.string() + " && " + command + " >out 2>&1 </dev/null";
    const int status = std::system(whole.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, base::read_file((folder_ / "out").string()).value()};
  }

  std::filesystem::path folder_;
  std::string document_;
};

TEST_F(ReasonsDocument, EveryCommandPrintsWhatStandsThereAndEndsAsItSays) {
  const auto all = commands(document_);
  EXPECT_GT(all.size(), 10U);
  for (const Command& command : all) {
    ASSERT_TRUE(command.line.starts_with("gslbctl ")) << command.line;
    const Outcome outcome = run(GSLBCTL + command.line.substr(7));
    const bool differs = command.line.find("diff gslb.yaml new.yaml") != std::string::npos &&
                         command.line.find("--max-move") == std::string::npos;
    const bool broken = command.line.find("--failures 2") != std::string::npos;
    EXPECT_EQ(outcome.code, differs ? 10 : broken ? 1 : 0) << command.line << "\n" << outcome.output;
    EXPECT_EQ(without_times(outcome.output), without_times(command.output)) << command.line;
  }
}

}  // namespace
}  // namespace gslb::control
