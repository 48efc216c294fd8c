// server/sharing_keeper.hpp: vantages that report to each other over real connections on loopback.
#include "server/sharing_keeper.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "health/sharing/report_codec.hpp"
#include "net/http_client.hpp"
#include "tests/net/certificates.hpp"

namespace gslb::server {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const net::Certificates& made() { return net::Certificates::get(); }

base::SocketAddress free_address() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in local{};
  local.sin_family = AF_INET;
  local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof local;
  EXPECT_EQ(::bind(descriptor, reinterpret_cast<sockaddr*>(&local), size), 0);
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&local), &size);
  ::close(descriptor);
  return {base::parse_address("127.0.0.1").value(), ntohs(local.sin_port)};
}

bool eventually(const std::function<bool()>& condition) {
  for (const auto end = base::steady_now() + 20s; base::steady_now() < end; std::this_thread::sleep_for(5ms))
    if (condition()) return true;
  return false;
}

/// One vantage, and what it was told.
class Place {
 public:
  Place(std::string name, health::SharingSpec spec) : name_(std::move(name)), spec_(std::move(spec)) {
    spec_.name = name_;
    spec_.ca = made().ca();
    spec_.certificate = made().named(name_).certificate;
    spec_.key = made().named(name_).key;
  }
  base::Result<void> start() { return keeper_.start(spec_, name_); }
  SharingKeeper& keeper() { return keeper_; }
  std::optional<health::Report> heard(const std::string& from) const {
    const std::lock_guard lock(mutex_);
    for (auto report = heard_.rbegin(); report != heard_.rend(); ++report)
      if (report->vantage == from) return *report;
    return std::nullopt;
  }
  std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return heard_.size();
  }
  void says(health::Verdict verdict) { verdict_ = verdict; }

 private:
  health::Report own() const {
    health::Report out;
    out.settled = true;
    out.opinions = {{.target = 7, .verdict = verdict_, .returned = {}}};
    return out;
  }

  std::string name_;
  health::SharingSpec spec_;
  std::atomic<health::Verdict> verdict_{health::Verdict::up};
  mutable std::mutex mutex_;
  std::vector<health::Report> heard_;
  SharingKeeper keeper_{{[this] { return own(); },
                         [this](health::Report report, base::SteadyTime) {
                           const std::lock_guard lock(mutex_);
                           heard_.push_back(std::move(report));
                         },
                         {},
                         [this](const std::vector<std::uint64_t>& ids, const auto& done) {
                           done({{ids.at(0), name_ != "iad-1", false, "passed", "seen by " + name_, 2ms}});
                         }}};
};

/// Two nodes and a prober.
health::SharingSpec three() {
  health::SharingSpec spec;
  spec.period = 200ms;
  spec.vantages = {{"fra-1", "fra", "", free_address(), {}},
                   {"iad-1", "iad", "", free_address(), {}},
                   {"nrt-1", "", "", std::nullopt, {}}};
  return spec;
}

const control::PeerView& peer(const control::SharingView& view, const std::string& name) {
  return *std::ranges::find(view.peers, name, &control::PeerView::name);
}

class Sharing : public testing::Test {
 protected:
  health::SharingSpec spec = three();
  Place fra{"fra-1", spec}, iad{"iad-1", spec}, nrt{"nrt-1", spec};
};

TEST_F(Sharing, EveryVantageReportsToEveryNode) {
  for (Place* place : {&fra, &iad, &nrt}) {
    const auto started = place->start();
    ASSERT_TRUE(started) << started.error().what;
  }
  EXPECT_TRUE(
      eventually([&] { return fra.heard("iad-1") && fra.heard("nrt-1") && iad.heard("fra-1") && iad.heard("nrt-1"); }));
  EXPECT_EQ(nrt.count(), 0U) << "a prober takes no reports";
  // The others and nobody else are the references of a vantage, as long as no more are given.
  EXPECT_TRUE(
      eventually([&] { return iad.heard("nrt-1")->references == 2 && iad.heard("nrt-1")->references_up == 2; }));
  EXPECT_TRUE(eventually([&] { return fra.heard("iad-1")->references_up == 2; }));
  const auto first = fra.heard("iad-1").value();
  EXPECT_TRUE(eventually([&] { return fra.heard("iad-1")->sequence > first.sequence + 2; })) << "every period";
  EXPECT_EQ(fra.heard("iad-1")->incarnation, first.incarnation);

  const auto view = fra.keeper().view();
  EXPECT_EQ(view.name, "fra-1");
  EXPECT_EQ(view.site, "fra");
  EXPECT_GT(view.octets, 0U);
  EXPECT_TRUE(peer(view, "iad-1").heard && peer(view, "iad-1").reached);
  EXPECT_GT(peer(view, "iad-1").sent, 0U);
  EXPECT_FALSE(peer(view, "nrt-1").receives);
  EXPECT_EQ(peer(view, "iad-1").failure, "");
}

TEST_F(Sharing, OthersProbeWhenTheyAreAsked) {
  for (Place* place : {&fra, &iad, &nrt}) ASSERT_TRUE(place->start());
  std::mutex mutex;
  std::vector<RemoteProbe> told;
  const auto note = [&](std::vector<RemoteProbe> probes) {
    const std::lock_guard lock(mutex);
    told = std::move(probes);
  };
  const auto came = [&] {
    const std::lock_guard lock(mutex);
    return !told.empty();
  };
  fra.keeper().probe("", {7}, 20s, note);
  ASSERT_TRUE(eventually(came));
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].vantage, "iad-1");
  EXPECT_FALSE(told[0].outcomes.at(0).ok);
  EXPECT_EQ(told[1].vantage, "nrt-1") << "one that only sends";
  EXPECT_EQ(told[1].outcomes.at(0).detail, "seen by nrt-1");
  told.clear();
  iad.keeper().stop();
  fra.keeper().probe("iad-1", {7}, 10ms, note);
  ASSERT_TRUE(eventually(came));
  ASSERT_EQ(told.size(), 1U);
  EXPECT_NE(told[0].problem, "");
}

TEST_F(Sharing, AChangeIsToldBeforeThePeriodIsOver) {
  for (Place* place : {&fra, &iad}) ASSERT_TRUE(place->start());
  ASSERT_TRUE(eventually([&] { return iad.heard("fra-1").has_value(); }));
  fra.says(health::Verdict::down);
  fra.keeper().changed();
  EXPECT_TRUE(eventually([&] { return iad.heard("fra-1")->opinions.at(0).verdict == health::Verdict::down; }));
}

TEST_F(Sharing, ANodeThatIsGoneIsNoReferenceAndOneThatReturnsIsReportedToAgain) {
  ASSERT_TRUE(fra.start());
  EXPECT_TRUE(eventually([&] { return peer(fra.keeper().view(), "iad-1").failed > 0; }));
  EXPECT_THAT(peer(fra.keeper().view(), "iad-1").failure, HasSubstr("connect: connection refused"));
  EXPECT_FALSE(peer(fra.keeper().view(), "iad-1").reached);
  ASSERT_TRUE(iad.start());
  EXPECT_TRUE(eventually([&] { return iad.heard("fra-1").has_value(); }));
  EXPECT_TRUE(eventually([&] { return peer(fra.keeper().view(), "iad-1").failure.empty(); }));
}

class Outsider : public Sharing {
 protected:
  net::HttpResponse post(const net::Certificates::Pair& shown, std::string body, std::string target = "/v1/report",
                         std::string method = "POST") {
    net::HttpRequest request;
    request.to = spec.vantages[0].address.value();
    request.tls = true;
    request.tls_options = {.sni = "fra-1", .ca_file = made().ca(), .certificate = shown.certificate, .key = shown.key};
    request.method = std::move(method);
    request.target = std::move(target);
    request.body = std::move(body);
    request.deadline = base::steady_now() + 20s;
    return net::http_request_blocking(std::move(request));
  }
  static std::string report(const std::string& vantage, std::uint64_t incarnation, std::uint64_t sequence) {
    health::Report out;
    out.vantage = vantage;
    out.incarnation = incarnation;
    out.sequence = sequence;
    return health::write_report(out).value();
  }
};

TEST_F(Outsider, ForeignForgedAndReplayedReportsAreRefused) {
  ASSERT_TRUE(fra.start());
  const std::string good = report("iad-1", 1'000, 1);
  EXPECT_EQ(post(made().wrong_name(), good).status, 403U) << "signed by our authority, but no vantage";
  EXPECT_EQ(post(made().named("nrt-1"), good).status, 403U) << "one vantage for another";
  EXPECT_EQ(post({}, good).status, 0U) << "no certificate";
  EXPECT_EQ(post(made().named("iad-1"), good).status, 204U);
  const auto again = post(made().named("iad-1"), good);
  EXPECT_EQ(again.status, 409U);
  EXPECT_THAT(again.body, HasSubstr("not newer"));
  EXPECT_EQ(post(made().named("iad-1"), report("iad-1", 99'999'999'999'999, 1)).status, 400U);
  EXPECT_EQ(post(made().named("iad-1"), "hello").status, 400U);
  EXPECT_EQ(post(made().named("iad-1"), std::string(health::longest_report + 1, 'x')).status, 413U);
  EXPECT_EQ(post(made().named("iad-1"), good, "/v2/report").status, 404U);
  EXPECT_EQ(post(made().named("iad-1"), {}, "/v1/report", "GET").status, 405U);
  EXPECT_EQ(fra.count(), 1U);
  const auto view = fra.keeper().view();
  EXPECT_EQ(view.foreign, 1U);
  EXPECT_EQ(peer(view, "iad-1").taken, 1U);
  EXPECT_EQ(peer(view, "iad-1").refused, 3U);
  EXPECT_EQ(peer(view, "nrt-1").refused, 1U);
}

// A machine whose clock was set back starts with an incarnation that others have seen passed.
TEST_F(Outsider, AVantageWhoseClockWasSetBackIsHeardAllTheSame) {
  ASSERT_TRUE(fra.start());
  const auto ahead =
      std::chrono::duration_cast<std::chrono::milliseconds>((base::wall_now() + 1min).time_since_epoch());
  EXPECT_EQ(post(made().named("iad-1"), report("iad-1", static_cast<std::uint64_t>(ahead.count()), 5)).status, 204U);
  ASSERT_TRUE(iad.start());
  EXPECT_TRUE(eventually([&] { return fra.count() > 1; }));
  EXPECT_EQ(fra.heard("iad-1")->incarnation, static_cast<std::uint64_t>(ahead.count()) + 1);
}

TEST_F(Sharing, ReferencesAreTriedAndAVantageThatLeavesIsForgotten) {
  health::SharingSpec more = spec;
  more.references = {spec.vantages[1].address.value(), {base::parse_address("127.0.0.1").value(), 1}};
  Place place("fra-1", more);
  ASSERT_TRUE(iad.start());
  ASSERT_TRUE(place.start());
  EXPECT_TRUE(eventually([&] {
    const auto view = place.keeper().view();
    return view.references.at(0).reached && !view.references.at(1).problem.empty();
  }));
  EXPECT_FALSE(place.keeper().view().references.at(1).reached);
  EXPECT_TRUE(
      eventually([&] { return iad.heard("fra-1")->references == 4 && iad.heard("fra-1")->references_up == 2; }));
  more.references.clear();
  more.vantages.pop_back();
  place.keeper().follow(more);
  EXPECT_EQ(place.keeper().view().peers.size(), 1U);
  EXPECT_TRUE(eventually([&] { return iad.heard("fra-1")->references == 1; }));
}

TEST_F(Sharing, WhatCannotBeReadOrBoundIsAnErrorAtTheStart) {
  health::SharingSpec bad = spec;
  bad.vantages[0].address = base::parse_socket_address("192.0.2.1:8443").value();
  EXPECT_THAT(Place("fra-1", bad).start().error().what, HasSubstr("cannot listen on 192.0.2.1:8443"));
  SharingKeeper keeper({[] { return health::Report{}; }, [](const health::Report&, base::SteadyTime) {}});
  spec.certificate = spec.key = spec.ca = "/nonexistent.pem";
  EXPECT_THAT(keeper.start(spec, "fra-1").error().what, HasSubstr("/nonexistent.pem"));
  EXPECT_FALSE(keeper.running());
  keeper.changed();
  keeper.follow(spec);
  EXPECT_EQ(keeper.view().name, "");
}

TEST(VantageName, IsTheCommandLinesTheConfigurationsOrTheHosts) {
  health::SharingSpec spec = three();
  spec.name = "iad-1";
  EXPECT_EQ(vantage_name(spec, "").value(), "iad-1");
  EXPECT_EQ(vantage_name(spec, "nrt-1").value(), "nrt-1");
  EXPECT_THAT(vantage_name(spec, "gru-1").error().what,
              HasSubstr("gru-1, which is none of `vantages`: fra-1, iad-1, nrt-1"));
  spec.name.clear();
  char host[256] = {};
  ASSERT_EQ(::gethostname(host, sizeof host - 1), 0);
  spec.vantages.push_back({std::string(host).substr(0, std::string_view(host).find('.')), "", "", {}, {}});
  EXPECT_EQ(vantage_name(spec, "").value(), spec.vantages.back().name);
}

}  // namespace
}  // namespace gslb::server
