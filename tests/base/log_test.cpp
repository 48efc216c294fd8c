#include "base/log.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <limits>
#include <random>
#include <string>

namespace gslb::base {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// What `write` sends to standard error, read through a pipe; less than a pipe holds.
template <class Function>
std::string standard_error_of(Function write) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const int saved = ::dup(STDERR_FILENO);
  ::dup2(ends[1], STDERR_FILENO);
  ::close(ends[1]);
  write();
  ::dup2(saved, STDERR_FILENO);
  ::close(saved);
  std::string out;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;)
    out.append(buffer, static_cast<std::size_t>(got));
  ::close(ends[0]);
  return out;
}

class Log : public testing::Test {
 protected:
  ~Log() override { configure_log(LogFormat::text, LogLevel::info); }
};

boost::json::object parsed(const std::string& line) { return boost::json::parse(line).as_object(); }

TEST_F(Log, TextIsOneLineWithLevelSentenceAndFacts) {
  configure_log(LogFormat::text, LogLevel::info);
  const std::string out = standard_error_of([] {
    log_warning("site is down", {{"site", "fra"}, {"up", 2}, {"why", "connect refused"}});
  });
  EXPECT_THAT(out, EndsWith("warning: site is down  site=fra  up=2  why=\"connect refused\"\n"));
}

TEST_F(Log, JsonIsOneObjectALineWithTypedValues) {
  configure_log(LogFormat::json, LogLevel::info);
  const std::string out = standard_error_of([] {
    log_info("ready", {{"count", 3}, {"share", 0.5}, {"ok", true}, {"dns.question.name", "www.example.org"}});
  });
  const auto object = parsed(out);
  EXPECT_EQ(object.at("message"), "ready");
  EXPECT_EQ(object.at("log.level"), "info");
  EXPECT_EQ(object.at("count"), 3);
  EXPECT_EQ(object.at("share"), 0.5);
  EXPECT_EQ(object.at("ok"), true);
  EXPECT_EQ(object.at("dns.question.name"), "www.example.org");
}

// A name from the network may hold any octet; a log line must stay one line and valid JSON.
TEST_F(Log, JsonStaysValidWhateverTheOctets) {
  configure_log(LogFormat::json, LogLevel::info);
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  std::minstd_rand random(1);
  for (int round = 0; round < 200; ++round) {
    std::string text = round == 0 ? all : "";
    for (int i = 0; round != 0 && i < 40; ++i) text += static_cast<char>(random());
    const std::string out = standard_error_of([&] { log_error(text, {{"value", text}}); });
    ASSERT_EQ(std::count(out.begin(), out.end(), '\n'), 1) << out;
    ASSERT_TRUE(parsed(out).contains("value")) << out;
  }
}

TEST_F(Log, TextNeverLetsControlOctetsThrough) {
  configure_log(LogFormat::text, LogLevel::info);
  const std::string out = standard_error_of([] { log_info("a\nerror: forged\x1b[2J\r", {{"k", "x\ny"}}); });
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1);
  EXPECT_THAT(out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(out, HasSubstr("a\\x0aerror: forged\\x1b[2J\\x0d  k=x\\x0ay"));
}

// JSON has no word for them.
TEST_F(Log, JsonStaysValidForNumbersThatAreNotFinite) {
  configure_log(LogFormat::json, LogLevel::info);
  const double infinity = std::numeric_limits<double>::infinity();
  const std::string out = standard_error_of([&] {
    log_info("x", {{"a", infinity}, {"b", -infinity}, {"c", std::numeric_limits<double>::quiet_NaN()}});
  });
  EXPECT_TRUE(parsed(out).at("a").is_null());
}

TEST_F(Log, LinesBelowTheLowestLevelAreNotWritten) {
  configure_log(LogFormat::text, LogLevel::warning);
  EXPECT_THAT(standard_error_of([] { log_info("quiet"); }), IsEmpty());
  EXPECT_THAT(standard_error_of([] { log_error("loud"); }), HasSubstr("error: loud"));
}

}  // namespace
}  // namespace gslb::base
