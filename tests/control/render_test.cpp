// gslbctl render: what is written, checked and reloaded, and that the old file outlives every failure.
#include <sys/stat.h>

#include "tests/control/gslbctl_program.hpp"

namespace gslb::control {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class Render : public GslbctlWithServer {
 protected:
  void SetUp() override {
    GslbctlWithServer::SetUp();
    template_ =
        write("www.mustache", "{{#service.www.endpoints}}server {{site}} {{address}}\n{{/service.www.endpoints}}");
    output_ = path("www.cfg");
  }
  Outcome render(const std::string& more) const {
    return ask("render " + template_ + " --output " + output_ + " " + more);
  }

  std::string template_, output_;
};

constexpr const char* whole = "server fra 192.0.2.10\n";

TEST_F(Render, WithoutAnOutputItGoesToStandardOutput) { EXPECT_EQ(ask("render " + template_).out, whole); }

TEST_F(Render, ReloadsOnlyWhatChanged) {
  const std::string reload = "--reload 'echo \"$1\" >> " + path("reloads") + "'";
  Outcome outcome = render(reload);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, output_ + ": changed\n");
  EXPECT_EQ(content(output_), whole);
  EXPECT_EQ(render(reload).out, output_ + ": unchanged\n");
  EXPECT_EQ(content(path("reloads")), output_ + "\n");
  EXPECT_EQ(ask("--json render " + template_ + " --output " + output_).out,
            "{\"output\":\"" + output_ + "\",\"changed\":false}\n");
}

TEST_F(Render, ACheckerThatRefusesKeepsTheOldFile) {
  write("www.cfg", "old\n");
  const Outcome outcome =
      render("--check 'grep -q gru \"$1\" || { echo no gru; exit 3; }' --reload 'touch " + path("reloaded") + "'");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.err,
            "the checker refuses what the template makes; " + output_ + " is as it was\n  no gru\n  exit code 3\n");
  EXPECT_EQ(content(output_), "old\n");
  EXPECT_FALSE(std::filesystem::exists(path("reloaded")));
  EXPECT_FALSE(std::filesystem::exists(output_ + ".candidate"));
}

TEST_F(Render, ACheckerOfTheWholeSeesTheFileInPlaceAndItComesBackIfRefused) {
  write("www.cfg", "old\n");
  ASSERT_EQ(::chmod(output_.c_str(), 0640), 0);
  EXPECT_EQ(render("--check 'cp " + output_ + " " + path("seen") + "; false'").code, 1);
  EXPECT_EQ(content(path("seen")), whole);
  EXPECT_EQ(content(output_), "old\n");
  EXPECT_EQ(render("--check true").code, 0);
  EXPECT_EQ(content(output_), whole);
  struct stat info {};
  ASSERT_EQ(::stat(output_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640U);
}

TEST_F(Render, AFileThatWasNotThereGoesAgainIfItIsRefused) {
  EXPECT_EQ(render("--check false").code, 1);
  EXPECT_FALSE(std::filesystem::exists(output_));
}

TEST_F(Render, AFailedReloadIsTriedAgainTheNextTime) {
  write("www.cfg", "old\n");
  EXPECT_EQ(render("--reload false").code, 1);
  EXPECT_EQ(content(output_), "old\n");
  EXPECT_EQ(render("--reload true").out, output_ + ": changed\n");
}

TEST_F(Render, ADryRunChangesNothing) {
  const Outcome outcome = render("--dry-run --check 'test -s \"$1\"' --reload 'touch " + path("reloaded") + "'");
  EXPECT_EQ(outcome.code, 10);
  EXPECT_EQ(outcome.out, output_ + ": would change\n");
  EXPECT_FALSE(std::filesystem::exists(output_));
  EXPECT_FALSE(std::filesystem::exists(path("reloaded")));
}

TEST_F(Render, AWrongTemplateIsToldByItsLine) {
  write("www.mustache", "a\n{{colour}}\n");
  const Outcome outcome = render("");
  EXPECT_EQ(outcome.code, 4);
  EXPECT_THAT(outcome.err, StartsWith(template_ + ":2: there is no \"colour\""));
}

TEST_F(Render, WithoutAServerTheFileStays) {
  write("www.cfg", "old\n");
  const Outcome outcome = run("--socket " + path("nobody") + " render " + template_ + " --output " + output_);
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(content(output_), "old\n");
}

TEST_F(Render, WatchesAndTellsATroubleOnce) {
  write("www.mustache", "{{colour}}\n");
  const Outcome outcome = run("--socket " + socket_ + " render " + template_ + " --output " + output_ + " --watch 0.05",
                              "timeout -s INT --preserve-status 1");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.err.find("colour"), outcome.err.rfind("colour"));
  EXPECT_THAT(outcome.err, HasSubstr("colour"));
}

TEST_F(Render, WhatGoesToStandardOutputNeedsNoChecker) {
  const Outcome outcome = ask("render " + template_ + " --check true");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("--output"));
}

}  // namespace
}  // namespace gslb::control
