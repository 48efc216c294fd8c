// gslbctl as a program: what it prints where, and how it ends.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill is POSIX
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "control/acme_json.hpp"
#include "control/json.hpp"
#include "tests/control/gslbctl_program.hpp"

namespace gslb::control {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// gslbctl while it runs.
class Running {
 public:
  Running(std::filesystem::path folder, std::vector<std::string> arguments) : folder_(std::move(folder)) {
    arguments.insert(arguments.begin(), GSLBCTL);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    for (const auto& [descriptor, name] : {std::pair(1, "out"), std::pair(2, "err")})
      ::posix_spawn_file_actions_addopen(&files, descriptor, (folder_ / name).c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                         0600);
    EXPECT_EQ(::posix_spawn(&child_, argv[0], &files, nullptr, argv.data(), environ), 0);
    ::posix_spawn_file_actions_destroy(&files);
  }
  ~Running() {
    if (child_ == 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  void wait_for_output(const std::string& text) const {
    const auto deadline = base::steady_now() + std::chrono::seconds(60);
    while (content(folder_ / "out").find(text) == std::string::npos) {
      ASSERT_LT(base::steady_now(), deadline) << content(folder_ / "err");
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
  Outcome interrupt() {
    int status = 0;
    ::kill(child_, SIGINT);
    ::waitpid(std::exchange(child_, 0), &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, content(folder_ / "out"), content(folder_ / "err")};
  }

 private:
  std::filesystem::path folder_;
  pid_t child_ = 0;
};

TEST_F(Gslbctl, ImportsAZoneOfOctodnsThatItsOwnCheckAccepts) {
  const std::string yaml = (folder_ / "gslb.yaml").string();
  const Outcome imported = run("import octodns tests/engine/data/octodns/example.org.yaml --zone example.org");
  EXPECT_EQ(imported.code, 7) << imported.err;
  EXPECT_THAT(imported.err, HasSubstr("not carried: tests/engine/data/octodns/example.org.yaml:63:"));
  EXPECT_THAT(imported.err, EndsWith("1 thing could not be carried.\n"));
  std::ofstream(yaml) << imported.out;
  const Outcome checked = run("check " + yaml);
  EXPECT_EQ(checked.code, 0) << checked.err;
  const Outcome json = run("--json import octodns tests/engine/data/octodns/example.org.yaml --zone example.org");
  EXPECT_EQ(json.code, 7);
  EXPECT_THAT(json.out, HasSubstr("\"lost\":[{"));
}

TEST_F(Gslbctl, RefusesToImportWhatIsNoZone) {
  const std::string file = (folder_ / "zone.yaml").string();
  std::ofstream(file) << "www: { type: A, value: 192.0.2.1 }\n";
  const Outcome refused = run("import octodns " + file + " --zone example.org");
  EXPECT_EQ(refused.code, 4);
  EXPECT_THAT(refused.err, HasSubstr("--ns ns1.example.net."));
  EXPECT_EQ(run("import octodns " + file + " --zone example.org --ns ns1.example.net.").code, 0);
  EXPECT_EQ(run("import bind " + file + " --zone example.org").code, 2);
}

TEST_F(GslbctlWithServer, ShowsTheStatus) {
  const Outcome outcome = ask("status");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, StartsWith("gslbd 1.2.3   serving"));
  EXPECT_EQ(outcome.err, "");
}

TEST_F(GslbctlWithServer, ShowsStatesAsTablesOrAsTheServersJson) {
  EXPECT_THAT(ask("states api").out, StartsWith("api.gslb.example.org   policy near   1 of 1 up   serving normally\n"));
  for (const char* form : {"--json states api", "states api --json"})
    EXPECT_EQ(services_from_json(ask(form).out).value().size(), 1U);
}

TEST_F(GslbctlWithServer, UnknownServiceIsAFailureWithAHint) {
  const Outcome outcome = ask("states wwww");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err, "no service is named \"wwww\"\n  did you mean \"www\"?\n");
}

TEST_F(GslbctlWithServer, Reloads) {
  const Outcome outcome = ask("reload");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "loaded configuration 8 in 250 ms\n");
  EXPECT_EQ(instance_.reloads, 1);
}

TEST_F(GslbctlWithServer, AReloadThatFailsEndsWith4AndTheErrors) {
  instance_.outcome = {false, 7, "gslb.yaml:3:4: no site is named \"fraa\"\n", {}};
  const Outcome outcome = ask("reload");
  EXPECT_EQ(outcome.code, 4);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err, "gslb.yaml:3:4: no site is named \"fraa\"\n  nothing was loaded; configuration 7 goes on\n");
}

ZoneKeysView signed_zone() {
  ZoneKeysView out;
  out.zone = "example.org.";
  out.maker = out.is_signed = true;
  KeyView& key = out.keys.emplace_back();
  key.tag = 4711;
  key.algorithm = "ED25519";
  key.role = "CSK";
  key.does = "signs everything";
  key.ds_wanted = true;
  key.ds = {"example.org. IN DS 4711 15 2 AA", "example.org. IN DS 4711 15 4 BB"};
  return out;
}

TEST_F(GslbctlWithServer, ShowsKeysAndWhatTheyWaitFor) {
  instance_.keys = {signed_zone()};
  instance_.keys[0].keys[0].waits = "waits until caches have it";
  const Outcome outcome = ask("key status");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, StartsWith("example.org.   signed   this node makes its keys\n"));
  EXPECT_THAT(outcome.out, HasSubstr("4711  CSK   ED25519    signs everything  -      waits until caches have it\n"));
  EXPECT_THAT(ask("key status example.org --json").out, StartsWith("{\"zones\":[{\"zone\":\"example.org.\""));
}

TEST_F(GslbctlWithServer, ShowsAZoneThatIsNotAnsweredBecauseItHasNoKey) {
  ZoneKeysView& zone = instance_.keys.emplace_back();
  zone.zone = "example.org.";
  zone.maker = zone.awaits_keys = true;
  zone.warnings = {"no key is made: 192.0.2.53:53 has a DS"};
  EXPECT_EQ(ask("key status").out,
            "example.org.   not answered: has no key yet   this node makes its keys\n"
            " warning: no key is made: 192.0.2.53:53 has a DS\n");
}

TEST_F(GslbctlWithServer, PrintsTheDsReadyToPaste) {
  instance_.keys = {signed_zone()};
  EXPECT_EQ(ask("key ds example.org").out, "example.org. IN DS 4711 15 2 AA\n");
  EXPECT_EQ(ask("key ds --digest sha384").out, "example.org. IN DS 4711 15 4 BB\n");
}

TEST_F(GslbctlWithServer, PrintsNoDsThatWouldBreakTheZone) {
  instance_.keys = {signed_zone()};
  instance_.keys[0].keys[0].ds_wanted = false;
  instance_.keys[0].keys[0].waits = "waits until caches have it";
  const Outcome outcome = ask("key ds example.org");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, StartsWith("no DS of example.org. should be at the parent yet: key 4711 waits until"));
}

TEST_F(GslbctlWithServer, PassesOrdersAboutKeysOn) {
  for (const char* order : {"key generate example.org --zsk", "key import example.org /k /z", "key ds-seen example.org",
                            "key ds-gone example.org", "key retire example.org 4711"}) {
    const Outcome outcome = ask(order);
    EXPECT_EQ(outcome.code, 0) << order << outcome.err;
    EXPECT_EQ(outcome.out, "made key 4711, a CSK\n");
  }
  EXPECT_EQ(instance_.key_orders.size(), 5U);
}

TEST_F(GslbctlWithServer, AnOrderThatIsRefusedEndsWith5AndAHint) {
  instance_.key_outcome = {false, "no key has tag 1", "gslbctl key status shows them"};
  const Outcome outcome = ask("key retire example.org 1");
  EXPECT_EQ(outcome.code, 5);
  EXPECT_EQ(outcome.err, "no key has tag 1\n  gslbctl key status shows them\n");
}

TEST_F(GslbctlWithServer, SetsAChallengeAndWaitsForEveryNameServer) {
  instance_.lagging = 2;
  const Outcome outcome = ask("acme set www.example.org one --for 1m");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "_acme-challenge.www.example.org is set: 1 name server shows it, until 2026-11-23T00:01:00.000Z\n");
  EXPECT_THAT(ask("acme list").out, HasSubstr("_acme-challenge.www.example.org"));
  EXPECT_THAT(ask("acme clear www.example.org").out, HasSubstr("is cleared: 1 name server shows it"));
  EXPECT_EQ(ask("acme list").out, "no challenge is set\n");
}

TEST_F(GslbctlWithServer, AChallengeThatANameServerDoesNotShowEndsWith6AndItsName) {
  instance_.lagging = 1000;
  const Outcome outcome = ask("acme set www.example.org one --timeout 0.5");
  EXPECT_EQ(outcome.code, 6);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr("  ns2.example.org (192.0.2.2:53) does not answer\n"));
  EXPECT_THAT(outcome.err, Not(HasSubstr("192.0.2.1:53")));
  EXPECT_EQ(name_servers_from_json(ask("--json acme set www.example.org one --timeout 0.5").out)->size(), 2U);
}

TEST_F(GslbctlWithServer, EveryServerIsToldAndOneThatIsNotThereIsNamed) {
  const Outcome outcome =
      ask("acme set www.example.org one --server " + (folder_ / "nobody").string() + " --server " + socket_);
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.err, StartsWith((folder_ / "nobody").string() + ": gslbd is not running"));
  EXPECT_EQ(instance_.challenges.size(), 1U) << "the others have it";
}

TEST_F(GslbctlWithServer, AnOrderThatIsRefusedOrMisspelledSaysWhy) {
  EXPECT_EQ(ask("acme set nowhere one").err, "no challenge can be set at nowhere\n  try www\n");
  EXPECT_EQ(ask("acme set nowhere one").code, 5);
  for (const char* wrong : {"acme set www.example.org one --for soon", "acme set www.example.org one --for 0s",
                            "acme set www.example.org one --ns nobody", "acme set www.example.org", "acme",
                            "acme sett www.example.org one", "zone", "zone check"})
    EXPECT_EQ(ask(wrong).code, 2) << wrong;
  EXPECT_THAT(ask("acme sett www.example.org one").err, HasSubstr("did you mean \"set\"?"));
}

TEST_F(GslbctlWithServer, AZoneGoesToStandardOutputOrIntoJson) {
  EXPECT_EQ(ask("zone export gslb.example.org").out, "; as all\n");
  EXPECT_EQ(ask("zone export gslb.example.org --as-client 2001:db8::1").out, "; as 2001:db8::1\n");
  EXPECT_EQ(ask("--json zone export gslb.example.org").out,
            "{\"zone\":\"gslb.example.org\",\"text\":\"; as all\\n\"}\n");
  EXPECT_EQ(ask("zone export example.net").code, 1);
  EXPECT_EQ(ask("zone export gslb.example.org --as-client nobody").code, 2);
}

TEST_F(GslbctlWithServer, ColorsOnlyWhereAskedOrOnATerminal) {
  EXPECT_THAT(ask("states").out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(ask("states --color always").out, HasSubstr("\x1b[32mup"));
}

TEST_F(GslbctlWithServer, TheSocketMayComeFromTheEnvironment) {
  EXPECT_EQ(run("status", "GSLB_SOCKET=" + socket_).code, 0);
}

TEST_F(GslbctlWithServer, WatchesUntilInterrupted) {
  Running watch(folder_, {"--socket", socket_, "status", "--watch", "0.05"});
  watch.wait_for_output("(0/s)");  // the second one has rates
  const Outcome outcome = watch.interrupt();
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, StartsWith("gslbd 1.2.3   serving"));
}

TEST_F(GslbctlWithServer, CanBeInterruptedFromItsFirstLineOn) {
  for (int i = 0; i < 20; ++i) {
    Running watch(folder_, {"--socket", socket_, "status", "--watch", "60"});
    watch.wait_for_output("gslbd");
    EXPECT_EQ(watch.interrupt().code, 0);
  }
}

TEST_F(Gslbctl, NotRunningEndsWith3AndSaysHowToStart) {
  const Outcome outcome = ask("status");
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, StartsWith("gslbd is not running: " + socket_ + ": no such file or directory\n"));
  EXPECT_THAT(outcome.err, HasSubstr("systemctl start gslbd"));
}

/// A socket bound by hand; with `listening` nobody accepts, without it connections are refused.
class BareSocket {
 public:
  BareSocket(const std::string& path, bool listening) : descriptor_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    if (listening) {
      EXPECT_EQ(::listen(descriptor_, 8), 0);
    }
  }
  ~BareSocket() { ::close(descriptor_); }

 private:
  int descriptor_;
};

TEST_F(Gslbctl, ASocketNobodyListensOnIsNotRunningEither) {
  const BareSocket socket(socket_, false);
  EXPECT_EQ(ask("reload").code, 3);
}

TEST_F(Gslbctl, AServerThatDoesNotAnswerEndsWith6) {
  const BareSocket socket(socket_, true);
  const Outcome outcome = ask("status --timeout 0.1");
  EXPECT_EQ(outcome.code, 6);
  EXPECT_THAT(outcome.err, StartsWith("gslbd did not answer within 100 ms\n"));
}

TEST_F(Gslbctl, AFailureAsJsonIsJson) {
  const Outcome outcome = ask("--json status");
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(error_from_json(outcome.out).error, StartsWith("gslbd is not running"));
}

TEST_F(Gslbctl, MisuseEndsWith2AndNamesTheNearWord) {
  EXPECT_THAT(run("statsu").err, HasSubstr("there is no verb \"statsu\"; did you mean \"status\"?"));
  EXPECT_THAT(run("states --jsno").err, HasSubstr("there is no option \"--jsno\"; did you mean \"--json\"?"));
  EXPECT_THAT(run("key statsu").err, HasSubstr("there is no verb \"statsu\"; did you mean \"status\"?"));
  EXPECT_THAT(run("key generate example.org --zks").err, HasSubstr("did you mean \"--zsk\"?"));
  EXPECT_THAT(run("key").err, HasSubstr("ds-seen")) << "the verbs that it has";
  for (const char* wrong : {"", "statsu", "states --jsno", "status too many", "key", "key statsu",
                            "key retire example.org", "key ds --digest md5", "check", "--color red status",
                            "--timeout 0 status", "status --watch soon", "status reload"})
    EXPECT_EQ(run(wrong).code, 2) << wrong;
}

TEST_F(Gslbctl, EveryVerbHasHelpWithExamples) {
  for (const char* verb : {"", "status", "states", "reload", "check", "version", "key", "key status", "key ds",
                           "key generate", "key import", "key ds-seen", "key ds-gone", "key retire"}) {
    const Outcome outcome = run(std::string(verb) + " --help");
    EXPECT_EQ(outcome.code, 0) << verb;
    EXPECT_THAT(outcome.out, HasSubstr(std::string("Examples:\n  gslbctl ") + verb)) << verb;
  }
}

TEST_F(Gslbctl, ShowsItsVersion) { EXPECT_THAT(run("version").out, testing::MatchesRegex("gslbctl [0-9.]+\n")); }

}  // namespace
}  // namespace gslb::control
