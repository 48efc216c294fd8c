// Monitors that are not HTTP: tcp with an answer, tls, icmp, dns, command.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <openssl/ssl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/ip/udp.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>

#include "base/file.hpp"
#include "health/pattern.hpp"
#include "health/probes/dns_answer.hpp"
#include "health/probes/probe.hpp"
#include "health/rcode.hpp"
#include "tests/health/loopback_server.hpp"
#include "tests/net/certificates.hpp"
#include "tests/net/peer.hpp"

namespace gslb::health {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

class ProbeKindsTest : public testing::Test {
 protected:
  ProbeKindsTest() { std::signal(SIGPIPE, SIG_IGN); }  // the peers write to those that hang up
  Observation probe(const Target& target) {
    std::optional<Observation> seen;
    const auto under_way = start_probe(tools, target, [&seen](Observation o) { seen = std::move(o); });
    EXPECT_FALSE(seen) << "done was called from inside start_probe";
    EXPECT_TRUE(run_until(context, [&] { return seen.has_value(); }));
    return seen.value_or(Observation{});
  }

  asio::io_context context{1};
  ProbeTools tools{context};
};

// ---- tcp and tls

/// Greets like a mail server, and answers one line.
void mail(net::Connection& connection) {
  connection.write("220 mail.example.org ESMTP\r\n");
  if (connection.read_until("\r\n") == "NOOP\r\n") connection.write("250 OK\r\n");
}

TEST_F(ProbeKindsTest, TcpAwaitsAGreeting) {
  net::Peer peer(mail);
  Target target = loopback_target(peer.address().port, ProbeKind::tcp);
  target.monitor.expect_pattern = *Pattern::compile("^220 .*ESMTP");
  const Observation seen = probe(target);
  EXPECT_TRUE(seen.ok) << seen.detail;
  EXPECT_EQ(seen.detail, "expected answer");
}

TEST_F(ProbeKindsTest, TcpSaysSomethingAndAwaitsItsAnswer) {
  net::Peer peer(mail);
  Target target = loopback_target(peer.address().port, ProbeKind::tcp);
  target.monitor.send = "NOOP\r\n";
  target.monitor.expect = "250 ";
  EXPECT_TRUE(probe(target).ok);
}

TEST_F(ProbeKindsTest, AnotherAnswerFailsWhenTheServerHangsUp) {
  net::Peer peer(mail);
  Target target = loopback_target(peer.address().port, ProbeKind::tcp);
  target.monitor.send = "QUIT\r\n";
  target.monitor.expect = "250 ";
  const Observation seen = probe(target);
  EXPECT_FALSE(seen.ok);
  EXPECT_EQ(seen.phase, Phase::status);
  EXPECT_THAT(seen.detail, StartsWith("status: connection "));
  EXPECT_THAT(seen.detail, HasSubstr(": answer does not hold \"250 \""));
}

TEST_F(ProbeKindsTest, AnAnswerWithoutEndIsReadNoFurtherThanTheLimit) {
  net::Peer peer([](net::Connection& connection) { connection.write(std::string(100'000, 'x')); });
  Target target = loopback_target(peer.address().port, ProbeKind::tcp);
  target.monitor.expect = "250 ";
  target.monitor.expect_limit = 5000;
  EXPECT_EQ(probe(target).detail, "status: not within 5000 octets: answer does not hold \"250 \"");
}

TEST_F(ProbeKindsTest, AnAnswerThatDoesNotComeTimesOut) {
  LoopbackServer server(context, [](const std::string&) { return Reaction{}; });
  Target target = loopback_target(server.port(), ProbeKind::tcp);
  target.monitor.expect = "250 ";
  target.monitor.timeout = 50ms;
  EXPECT_EQ(probe(target).detail, "timeout after connect");
}

TEST_F(ProbeKindsTest, TlsShakesHandsAndLooksAtTheCertificate) {
  const auto serve = [](SSL*) {};
  const auto good = net::Certificates::get().valid();
  const auto bad = net::Certificates::get().expired();
  const net::Peer valid(net::over_tls(good.certificate, good.key, serve));
  const net::Peer expired(net::over_tls(bad.certificate, bad.key, serve));
  Target target = loopback_target(valid.address().port, ProbeKind::tls);
  target.monitor.ca_file = net::Certificates::get().ca();
  const Observation seen = probe(target);
  EXPECT_EQ(seen.detail, "tls handshake done");
  EXPECT_GT(seen.times.tls, 0ns);
  target.monitor.port = expired.address().port;
  EXPECT_EQ(probe(target).detail, "tls: certificate has expired");
}

TEST_F(ProbeKindsTest, TcpToAClosedPortFails) {
  const RefusedPort refused;
  EXPECT_EQ(probe(loopback_target(refused.port(), ProbeKind::tls)).detail, "connect: connection refused");
}

// ---- icmp

Target icmp_target(const char* address) {
  Target target{*base::parse_address(address), {}};
  target.monitor.kind = ProbeKind::icmp;
  target.monitor.timeout = 10s;
  return target;
}

bool may_ping() {
  asio::io_context context;
  Pinger pinger(context);
  return !pinger.send(*base::parse_address("127.0.0.1"), [] {}).failure;
}

TEST_F(ProbeKindsTest, LoopbackEchoes) {
  if (!may_ping()) GTEST_SKIP() << "this account may not send ICMP";
  for (const char* address : {"127.0.0.1", "::1", "127.0.0.2"}) {
    const Observation seen = probe(icmp_target(address));
    EXPECT_TRUE(seen.ok) << address << ": " << seen.detail;
    EXPECT_EQ(seen.detail, "icmp echo");
    EXPECT_GT(seen.latency, 0ns);
  }
}

TEST_F(ProbeKindsTest, ManyEchoesFindTheirProbes) {
  if (!may_ping()) GTEST_SKIP() << "this account may not send ICMP";
  std::vector<std::unique_ptr<Probe>> under_way;
  std::vector<Target> targets;
  unsigned passed = 0;
  for (int i = 1; i <= 200; ++i) targets.push_back(icmp_target(("127.0.0." + std::to_string(i)).c_str()));
  for (const Target& target : targets)
    under_way.push_back(start_probe(tools, target, [&](const Observation& seen) { passed += seen.ok ? 1 : 0; }));
  EXPECT_TRUE(run_until(context, [&] { return passed == 200; })) << passed;
}

TEST_F(ProbeKindsTest, ACancelledPingSaysNothing) {
  if (!may_ping()) GTEST_SKIP() << "this account may not send ICMP";
  const Target target = icmp_target("127.0.0.1");
  bool called = false;
  start_probe(tools, target, [&](const Observation&) { called = true; }).reset();
  EXPECT_TRUE(probe(target).ok);
  EXPECT_FALSE(called);
}

/// Without CAP_NET_RAW for as long as it lives, in this thread.
class WithoutRawSockets {
 public:
  WithoutRawSockets() {
    ::syscall(SYS_capget, &header_, before_.data());
    auto now = before_;
    now[0].effective &= ~(1U << CAP_NET_RAW);
    ::syscall(SYS_capset, &header_, now.data());
  }
  ~WithoutRawSockets() { ::syscall(SYS_capset, &header_, before_.data()); }

 private:
  __user_cap_header_struct header_{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> before_{};
};

TEST_F(ProbeKindsTest, WithoutASocketForIcmpTheProbeIsVoidAndSaysWhatIsMissing) {
  const WithoutRawSockets without;
  const Observation seen = probe(icmp_target("127.0.0.1"));
  if (seen.ok) GTEST_SKIP() << "everybody may ping here";
  EXPECT_TRUE(seen.voided);
  EXPECT_THAT(seen.detail, HasSubstr("net.ipv4.ping_group_range"));
  EXPECT_THAT(seen.detail, HasSubstr("CAP_NET_RAW"));
}

TEST(Echo, ReadsOnlyRepliesOfOurShape) {
  const Echo echo{0x1234, 7, 0x0102030405060708};
  for (const base::Family family : {base::Family::v4, base::Family::v6}) {
    std::string octets = to_octets(echo, family);
    EXPECT_FALSE(parse_echo_reply(octets, family, false)) << "that is the request";
    octets[0] = static_cast<char>(family == base::Family::v4 ? 0 : 129);
    EXPECT_EQ(parse_echo_reply(octets, family, false), echo);
    EXPECT_FALSE(parse_echo_reply(octets + "x", family, false));
    EXPECT_FALSE(parse_echo_reply(octets.substr(1), family, false));
    EXPECT_FALSE(parse_echo_reply("", family, true));
    const std::string header = std::string(1, '\x46') + std::string(23, '\0');
    EXPECT_EQ(parse_echo_reply(header + octets, family, true), echo);
    EXPECT_FALSE(parse_echo_reply("\x4f" + octets, family, true));
  }
}

// ---- dns

/// Answers each query with what `play` makes of it; an empty answer is none.
class NameServer {
 public:
  using Play = std::function<std::vector<std::string>(const std::string& query)>;
  NameServer(asio::io_context& context, Play play)
      : socket_(context, {asio::ip::address_v4::loopback(), 0}), play_(std::move(play)) {
    receive();
  }
  std::uint16_t port() const { return socket_.local_endpoint().port(); }
  std::vector<std::uint16_t> client_ports;

 private:
  void receive() {
    socket_.async_receive_from(asio::buffer(buffer_), from_, [this](const auto& error, std::size_t size) {
      if (error) return;
      client_ports.push_back(from_.port());
      for (const std::string& reply : play_(std::string(buffer_.data(), size)))
        socket_.send_to(asio::buffer(reply), from_);
      receive();
    });
  }
  asio::ip::udp::socket socket_;
  asio::ip::udp::endpoint from_;
  Play play_;
  std::array<char, 1500> buffer_{};
};

/// The reply to `query` with an RCODE and, for an A, one address.
std::string reply_to(const std::string& query, char rcode, const std::string& address = "") {
  const std::size_t question_end = query.find('\0', 12) + 5;
  std::string out = query.substr(0, question_end);
  out[2] = '\x84';
  out[3] = rcode;
  out[7] = address.empty() ? '\0' : '\1';
  out[11] = '\0';
  if (!address.empty()) out += std::string("\xc0\x0c\0\1\0\1\0\0\0\x1e\0\4", 12) + address;
  return out;
}

Target dns_target(const NameServer& server) {
  Target target = loopback_target(server.port(), ProbeKind::dns);
  target.monitor.question.name = "www.example.org.";
  return target;
}

TEST_F(ProbeKindsTest, ADnsServerThatAnswersPasses) {
  NameServer server(context, [](const std::string& query) { return std::vector{reply_to(query, 0)}; });
  const Observation seen = probe(dns_target(server));
  EXPECT_TRUE(seen.ok);
  EXPECT_EQ(seen.detail, "dns NOERROR");
}

TEST_F(ProbeKindsTest, TheResponseCodeMustBeOneOfThoseExpected) {
  NameServer server(context, [](const std::string& query) { return std::vector{reply_to(query, 3)}; });
  Target target = dns_target(server);
  const Observation seen = probe(target);
  EXPECT_FALSE(seen.ok);
  EXPECT_EQ(seen.phase, Phase::status);
  EXPECT_EQ(seen.detail, "dns NXDOMAIN");
  target.monitor.question.rcodes = {0, 3};
  EXPECT_TRUE(probe(target).ok);
}

TEST_F(ProbeKindsTest, TheAnswerMustHoldOneOfTheValues) {
  NameServer server(context, [](const std::string& query) {
    return std::vector{reply_to(query, 0, std::string("\xc0\0\2\x0a", 4))};
  });
  Target target = dns_target(server);
  target.monitor.question.answers = {"192.0.2.9", "192.0.2.10"};
  EXPECT_TRUE(probe(target).ok);
  target.monitor.question.answers = {"192.0.2.9"};
  const Observation seen = probe(target);
  EXPECT_EQ(seen.phase, Phase::body);
  EXPECT_EQ(seen.detail, "answer does not hold 192.0.2.9");
}

// RFC 5452 section 9: what does not answer this very question is not looked at, whoever sent it.
TEST_F(ProbeKindsTest, RepliesToOtherQuestionsAreNotLookedAt) {
  NameServer server(context, [](const std::string& query) {
    std::string other_id = reply_to(query, 3);
    other_id[0] = static_cast<char>(other_id[0] ^ 1);
    std::string other_name = reply_to(query, 3);
    other_name[13] = 'x';
    return std::vector{other_id, other_name, std::string("\1"), reply_to(query, 0)};
  });
  EXPECT_EQ(probe(dns_target(server)).detail, "dns NOERROR");
}

TEST_F(ProbeKindsTest, EachQuestionComesFromAPortOfItsOwn) {
  NameServer server(context, [](const std::string& query) { return std::vector{reply_to(query, 0)}; });
  const Target target = dns_target(server);
  for (int i = 0; i < 8; ++i) probe(target);
  std::sort(server.client_ports.begin(), server.client_ports.end());
  const auto end = std::unique(server.client_ports.begin(), server.client_ports.end());
  EXPECT_GE(end - server.client_ports.begin(), 6);
}

TEST_F(ProbeKindsTest, ADnsServerThatSaysNothingTimesOut) {
  NameServer server(context, [](const std::string&) { return std::vector<std::string>{}; });
  Target target = dns_target(server);
  target.monitor.timeout = 50ms;
  const Observation seen = probe(target);
  EXPECT_EQ(seen.phase, Phase::timeout);
  EXPECT_EQ(seen.detail, "timeout: no answer");
}

TEST_F(ProbeKindsTest, APortWithoutADnsServerFailsAtOnce) {
  std::uint16_t port = 0;
  {
    const NameServer server(context, [](const std::string&) { return std::vector<std::string>{}; });
    port = server.port();
  }
  Target target = loopback_target(port, ProbeKind::dns);
  target.monitor.question.name = "www.example.org.";
  EXPECT_EQ(probe(target).detail, "connect: connection refused");
}

TEST(DnsAnswer, ATruncatedOneHoldsNothing) {
  const DnsQuestion question{.name = "www.example.org.", .answers = {"192.0.2.1"}};
  const auto query = dns_question(question, 7);
  std::string reply = reply_to(std::string(query.begin(), query.end()), 0);
  reply[2] = '\x86';
  const auto seen = judge_dns_reply(question, 7, {reinterpret_cast<const std::uint8_t*>(reply.data()), reply.size()});
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->detail, "answer is truncated");
}

TEST(DnsAnswer, AsksForRecursionIfTold) {
  EXPECT_EQ(dns_question({.name = "example.org."}, 1)[2], 0);
  EXPECT_EQ(dns_question({.name = "example.org.", .recursion_desired = true}, 1)[2], 1);
}

TEST(ResponseCodes, HaveNames) {
  EXPECT_EQ(rcode_text(5), "REFUSED");
  EXPECT_EQ(rcode_text(15), "RCODE15");
  EXPECT_EQ(parse_rcode("NxDomain"), 3);
  EXPECT_FALSE(parse_rcode("fine"));
}

// ---- command

class CommandTest : public ProbeKindsTest {
 protected:
  CommandTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "gslb-command-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    std::filesystem::permissions(folder, std::filesystem::perms::all);
  }
  ~CommandTest() override { std::filesystem::remove_all(folder); }

  Target command(const std::string& script) {
    Target target = loopback_target(8080, ProbeKind::command);
    target.monitor.command.words = {"/bin/sh", "-c", script, "sh", "{address}", "{port}"};
    return target;
  }

  std::filesystem::path folder;
};

TEST_F(CommandTest, ExitCodesAreThoseOfNagios) {
  EXPECT_EQ(probe(command("echo 'OK - all fine | time=3ms'; echo more")).detail, "command 0: OK - all fine | time=3ms");
  const Observation warning = probe(command("echo 'WARNING - slow'; exit 1"));
  EXPECT_TRUE(warning.ok);
  EXPECT_EQ(warning.warning, "WARNING - slow");
  const Observation critical = probe(command("echo CRITICAL; exit 2"));
  EXPECT_FALSE(critical.ok);
  EXPECT_FALSE(critical.voided);
  EXPECT_EQ(critical.phase, Phase::status);
  const Observation unknown = probe(command("exit 3"));
  EXPECT_TRUE(unknown.voided);
  EXPECT_EQ(unknown.detail, "command 3: no output");
}

TEST_F(CommandTest, AddressAndPortAreFilledInWithoutAShell) {
  EXPECT_EQ(probe(command("echo $1 $2")).detail, "command 0: 127.0.0.1 8080");
  Target target = command("");
  target.monitor.command.words = {"/bin/echo", "{address}:{port};", "$(id)", "a b"};
  EXPECT_EQ(probe(target).detail, "command 0: 127.0.0.1:8080; $(id) a b");
}

TEST_F(CommandTest, WhatCannotBeRunSaysNothingOfTheTarget) {
  Target target = command("");
  target.monitor.command.words = {"/nonexistent/check"};
  const Observation seen = probe(target);
  EXPECT_TRUE(seen.voided);
  EXPECT_THAT(seen.detail, HasSubstr("/nonexistent/check"));
}

TEST_F(CommandTest, WithoutItsUserItIsNotRun) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root changes users";
  Target target = command("exit 0");
  target.monitor.command.user = "nobody-of-this-name";
  const Observation seen = probe(target);
  EXPECT_TRUE(seen.voided);
  EXPECT_EQ(seen.detail, "command: there is no user nobody-of-this-name");
}

TEST_F(CommandTest, InheritsNoDescriptorsAndNoPrivileges) {
  const std::string file = (folder / "own").string();
  std::ofstream own(file);  // a descriptor that must not be seen
  const std::string seen = probe(command("ls /proc/self/fd | tr '\\n' ' '")).detail;
  EXPECT_THAT(seen, testing::AnyOf("command 0: 0 1 2 3 ", "command 0: 0 1 2 3"));  // 3 is the folder that ls reads
  if (::geteuid() == 0) {
    EXPECT_THAT(probe(command("id -un")).detail, "command 0: nobody");
    EXPECT_THAT(
        probe(command("grep -E '^Cap(Inh|Prm|Eff|Bnd|Amb)' /proc/self/status | grep -vc 0000000000000000")).detail,
        StartsWith("command 1: 0"));
  }
  EXPECT_EQ(probe(command("grep NoNewPrivs /proc/self/status | tr -d '\\t'")).detail, "command 0: NoNewPrivs:1");
  EXPECT_EQ(probe(command("env | grep -c GSLB_")).detail, "command 1: 0");
}

TEST_F(CommandTest, OutputIsBoundedAndDoesNotHoldTheCommandUp) {
  const Observation seen = probe(command("head -c 1000000 /dev/zero | tr '\\0' x; exit 0"));
  EXPECT_TRUE(seen.ok);
  EXPECT_LT(seen.detail.size(), 300U);
}

TEST_F(CommandTest, ASignalEndsIt) {
  const Observation seen = probe(command("kill -TERM $$"));
  EXPECT_FALSE(seen.ok);
  EXPECT_FALSE(seen.voided);
  EXPECT_EQ(seen.detail, "command: ended by signal 15");
}

bool is_gone(const std::filesystem::path& pid_file) {
  const auto text = base::read_file(pid_file.string(), 100);
  if (!text || text->empty()) return false;
  const std::string stat = "/proc/" + text->substr(0, text->find('\n')) + "/stat";
  const auto state = base::read_file(stat, 1000);
  return !state || state->find(") Z ") != std::string::npos;
}

TEST_F(CommandTest, TheWholeGroupIsKilledAtTheTimeout) {
  const std::filesystem::path child = folder / "child";
  Target target = command("sleep 300 & echo $! > " + child.string() + "; wait");
  target.monitor.timeout = 1s;
  const Observation seen = probe(target);
  EXPECT_EQ(seen.phase, Phase::timeout);
  EXPECT_EQ(seen.detail, "timeout: the command was killed");
  EXPECT_TRUE(run_until(context, [&] { return is_gone(child); }));
}

TEST_F(CommandTest, WhatItLeavesBehindIsKilledToo) {
  const std::filesystem::path child = folder / "child";
  EXPECT_TRUE(probe(command("sleep 300 & echo $! > " + child.string() + "; exit 0")).ok);
  EXPECT_TRUE(run_until(context, [&] { return is_gone(child); }));
}

TEST_F(CommandTest, ACancelledOneIsKilledAndReaped) {
  const std::filesystem::path own = folder / "own";
  const Target target = command("echo $$ > " + own.string() + "; sleep 300");
  bool called = false;
  auto under_way = start_probe(tools, target, [&](const Observation&) { called = true; });
  EXPECT_TRUE(run_until(context, [&] {
    const auto text = base::read_file(own.string(), 100);
    return text && text->ends_with('\n');
  }));
  under_way.reset();
  EXPECT_TRUE(run_until(context, [&] { return is_gone(own); }));
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace gslb::health
