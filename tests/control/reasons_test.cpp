// Reasons asked over the control API, and of files, by gslbctl as a program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <thread>

#include "base/descriptor.hpp"
#include "engine/query_handler.hpp"
#include "tests/control/gslbctl_program.hpp"
#include "tests/engine/reasons_world.hpp"

namespace gslb::control {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Reasons : public GslbctlWithServer {
 protected:
  void SetUp() override {
    instance_.now = test::present_of(test::world());
    GslbctlWithServer::SetUp();
    write("gslb.yaml", test::world());
  }
  static boost::json::object json(const Outcome& outcome) { return boost::json::parse(outcome.out).as_object(); }
};

/// A name server of another configuration, on loopback.
class OtherServer {
 public:
  explicit OtherServer(const std::string& yaml)
      : generation_(test::present_of(yaml).generation), socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    socklen_t size = sizeof address;
    ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    const timeval patience{0, 50'000};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  void run(const std::stop_token& stop) const {
    engine::Counters counters;
    engine::QueryHandler handler(1, counters);
    handler.adopt(generation_.get());
    std::vector<std::uint8_t> query(1500), reply(65535);
    while (!stop.stop_requested()) {
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const ssize_t got =
          ::recvfrom(socket_.get(), query.data(), query.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (got <= 0) continue;
      const std::size_t answer =
          handler.handle({base::IpAddress::v4(0x7f000001), 1}, std::span(query).first(static_cast<std::size_t>(got)),
                         reply, engine::Transport::datagram);
      ::sendto(socket_.get(), reply.data(), answer, 0, reinterpret_cast<sockaddr*>(&from), size);
    }
  }

  engine::GenerationPtr generation_;
  base::Descriptor socket_;
  std::uint16_t port_ = 0;
  std::jthread thread_;
};

constexpr const char* why = "explain www.example.org --client 198.18.1.0/24";

TEST_F(Reasons, TheServerAndTheFileGiveTheSameReasons) {
  const Outcome asked = ask(why);
  EXPECT_EQ(asked.code, 0) << asked.err;
  EXPECT_THAT(asked.out, StartsWith("192.0.2.10 (fra)   TTL 30 s   scope /17"));
  EXPECT_EQ(asked.out, ask(std::string(why) + " --config " + write("test.yaml", test::world())).out);
}

TEST_F(Reasons, JsonHasTheSameFactsAndTheText) {
  const auto object = json(ask(std::string(why) + " --json"));
  EXPECT_EQ(object.at("rcode").as_string(), "NOERROR");
  EXPECT_EQ(object.at("scope").as_int64(), 17);
  const auto& steered = object.at("steered").as_object();
  EXPECT_EQ(steered.at("candidates").at(0).at("address").as_string(), "192.0.2.10");
  EXPECT_EQ(steered.at("answer").as_array().size(), 1U);
  EXPECT_EQ(ask(why).out, object.at("text").as_string().c_str());
}

TEST_F(Reasons, ASiteThatIsSupposedToBeDownNeedsAFile) {
  EXPECT_THAT(ask(std::string(why) + " --down fra --config " + path("gslb.yaml")).out, StartsWith("192.0.2.20 (iad)"));
  const Outcome asked = ask(std::string(why) + " --down fra");
  EXPECT_EQ(asked.code, 2);
  EXPECT_THAT(asked.err, HasSubstr("--down supposes: it needs --config FILE"));
}

TEST_F(Reasons, WhyNotSaysTheSmallestChange) {
  EXPECT_THAT(ask(std::string(why) + " --why-not iad").out, HasSubstr("iad would be chosen if fra were down"));
  EXPECT_EQ(json(ask(std::string(why) + " --why-not iad --json")).at("why_not").at("ways").as_array().size(), 2U);
  const Outcome unknown = ask(std::string(why) + " --why-not iadd");
  EXPECT_NE(unknown.code, 0);
  EXPECT_THAT(unknown.err, HasSubstr("did you mean \"iad\"?"));
}

TEST_F(Reasons, MistakesInTheQuestionAreSaid) {
  EXPECT_THAT(ask("explain www.example.org").err, HasSubstr("say who asks: client or resolver"));
  EXPECT_THAT(ask("explain www.example.org A --client 192.0.2.0/33").err, HasSubstr("is no address and no network"));
  EXPECT_THAT(ask("explain www.example.org B --client 192.0.2.0/24").err, HasSubstr("is no record type"));
  EXPECT_THAT(ask("explain a..b --client 192.0.2.0/24").err, HasSubstr("is no domain name"));
  EXPECT_THAT(ask("prove --failures many").err, HasSubstr("failures is a number from 0 to 4"));
  EXPECT_THAT(ask("simulate").err, HasSubstr("say which sites fail"));
  EXPECT_NE(ask("simulate --down atlantis").code, 0);
}

TEST_F(Reasons, AProofThatIsBrokenEndsWith1) {
  const Outcome broken = ask("prove");
  EXPECT_EQ(broken.code, 1);
  EXPECT_THAT(broken.out, HasSubstr("answer    BROKEN"));
  EXPECT_EQ(json(ask("prove --json")).at("ok").as_bool(), false);
  const std::string sound =
      write("sound.yaml", std::string(test::world_head) +
                              "zones:\n  example.org:\n    ns: [ns1.example.org.]\n    services:\n"
                              "      www: { endpoints: { fra: 192.0.2.10, iad: 192.0.2.20 } }\n"
                              "    records: { ns1: { A: [192.0.2.53] } }\n");
  EXPECT_EQ(ask("prove --config " + sound).code, 0);
}

TEST_F(Reasons, ASimulationTakesItsTrafficFromAFile) {
  const std::string traffic = write("traffic.csv", "198.18.1.0/24,30000,www.example.org\n");
  const Outcome asked = ask("simulate --down fra --load " + traffic);
  EXPECT_EQ(asked.code, 0) << asked.err;
  EXPECT_THAT(asked.out, HasSubstr("fra -> iad 100 %"));
  EXPECT_EQ(asked.out, ask("simulate --down fra --load " + traffic + " --config " + path("gslb.yaml")).out);
  EXPECT_THAT(ask("simulate --all --load " + traffic).out, HasSubstr(" fra, sin "));
  const std::string queries =
      write("queries.txt", "www.example.org A 198.18.1.0/24\nmail.example.org A 198.18.1.0/24\n");
  EXPECT_THAT(ask("simulate --down fra --queries " + queries).out, HasSubstr("100 % of queries: fra -> iad 100 %"));
  write("traffic.csv", "198.18.1.0/24,30000\nnonsense\n");
  EXPECT_THAT(ask("simulate --down fra --load " + traffic).err,
              HasSubstr("traffic: line 2: \"nonsense\" is no network"));
}

TEST_F(Reasons, ADifferenceEndsWith10AndWithinTheLimitWith0) {
  std::string changed = test::world();
  changed.replace(changed.find("gru: 192.0.2.30"), 15, "gru: 192.0.2.39");
  const std::string files = path("gslb.yaml") + " " + write("new.yaml", changed);
  const Outcome outcome = ask("diff " + files);
  EXPECT_EQ(outcome.code, 10);
  EXPECT_THAT(outcome.out, HasSubstr("endpoint 192.0.2.39 at gru added; endpoint 192.0.2.30 at gru removed"));
  EXPECT_EQ(ask("diff " + files + " --max-move 5%").code, 10);
  EXPECT_EQ(ask("diff " + files + " --max-move 30%").code, 0);
  EXPECT_EQ(ask("diff " + files + " --max-move much").code, 2);
  EXPECT_EQ(ask("diff " + path("gslb.yaml") + " " + path("gslb.yaml")).code, 0);
  const Outcome networks = ask("diff --networks " + files);
  EXPECT_EQ(networks.code, 10);
  EXPECT_EQ(networks.out, "www.example.org\t198.19.0.0/17\tgru\tgru\t100 %\n");
}

TEST_F(Reasons, AnotherServersAnswersAreComparedNameByNameAndSiteBySite) {
  std::string other = test::world();
  other.replace(other.find("iad: [192.0.2.20"), 16, "iad: [192.0.2.99");
  const OtherServer server(other);
  const std::string queries =
      write("queries.txt",
            "www.example.org A 198.18.1.0/24\n"    // Frankfurt for both
            "www.example.org A 198.18.200.0/24\n"  // Washington, which has another address there
            "far.example.org A 198.18.1.0/24\n"
            "mail.example.org A\n"
            "nothing.example.org A 198.18.1.0/24\n");
  const std::string command =
      "shadow --against " + server.address() + " --queries " + queries + " --rate 1000 --config ";
  const Outcome outcome = ask(command + path("gslb.yaml"));
  EXPECT_EQ(outcome.code, 10) << outcome.err;
  EXPECT_THAT(outcome.out, StartsWith("4 of 5 answers of " + server.address() + " agree\n"));
  EXPECT_THAT(outcome.out, HasSubstr(" www.example.org. A 198.18.200.0/24\n"
                                     "   we say    192.0.2.20 (iad)\n"
                                     "   it says   192.0.2.99\n"));
  const auto told = json(ask("--json " + command + path("gslb.yaml")));
  EXPECT_EQ(told.at("names").at("www.example.org.").at("same").as_int64(), 1);
  EXPECT_EQ(told.at("names").at("www.example.org.").at("differs").as_int64(), 1);
  EXPECT_EQ(told.at("sites").at("iad").at("differs").as_int64(), 1);
  EXPECT_EQ(ask(command + write("other.yaml", other)).code, 0) << "it agrees with itself";
}

TEST_F(Reasons, AReloadMayBeLimitedAndIsRefusedWith5) {
  EXPECT_EQ(ask("reload --max-move 5%").code, 0);
  EXPECT_EQ(instance_.limits.max_move, 0.05);
  instance_.outcome.ok = false;
  instance_.outcome.refused = true;
  instance_.outcome.errors = "refused: more moves than allowed\nwww.example.org   40 % of IPv4 addresses move\n";
  instance_.outcome.difference = R"({"ok":false})";
  const Outcome refused = ask("reload --max-move 5%");
  EXPECT_EQ(refused.code, 5);
  EXPECT_THAT(refused.err, HasSubstr("40 % of IPv4 addresses move"));
  EXPECT_EQ(json(ask("reload --max-move 5% --json")).at("difference").at("ok").as_bool(), false);
  EXPECT_NE(ask("reload --max-move much").code, 0);
}

TEST_F(Reasons, CheckRunsTheTestsOfTheConfiguration) {
  const std::string good =
      write("good.yaml", test::world() + "tests: [ { ask: www.example.org, client: 198.18.1.0/24, sites: fra } ]\n");
  const Outcome passed = ask("check " + good);
  EXPECT_EQ(passed.code, 0) << passed.err;
  EXPECT_THAT(passed.out, HasSubstr(", 1 test passes"));
  const std::string bad =
      write("bad.yaml", test::world() + "tests: [ { ask: www.example.org, client: 198.18.1.0/24, sites: sin } ]\n");
  const Outcome failed = ask("check " + bad);
  EXPECT_EQ(failed.code, 4);
  EXPECT_THAT(failed.err, HasSubstr("expected sin, is fra"));
  EXPECT_THAT(failed.err, HasSubstr("192.0.2.10 (fra)   TTL 30 s   scope /17"));
  EXPECT_THAT(json(ask("check --json " + bad)).at("errors").as_array().size(), 1U);
}

}  // namespace
}  // namespace gslb::control
