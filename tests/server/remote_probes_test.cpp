// Questions to other vantages for probes: each is put once, and ends with the last answer or with its patience.
#include "server/remote_probes.hpp"

#include <gmock/gmock.h>

namespace gslb::server {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class RemoteProbesTest : public testing::Test {
 protected:
  void ask(std::vector<std::string> vantages, base::Duration patience = 1h) {
    probes.ask(vantages, {7, 8}, patience, [this](std::vector<RemoteProbe> all) { told = std::move(all); });
  }
  static health::ProbeAnswer passed(std::uint64_t id, std::uint64_t target) {
    return {id, {{target, true, false, "passed", "http 200", 3ms}}};
  }
  boost::asio::io_context context{1};
  RemoteProbes probes{context};
  std::optional<std::vector<RemoteProbe>> told;
};

TEST_F(RemoteProbesTest, EachVantageIsAskedOnceAndTheLastAnswerEndsIt) {
  ask({"fra-1", "nrt-1"});
  EXPECT_THAT(probes.asks_of("sin-1"), IsEmpty());
  const auto asks = probes.asks_of("nrt-1");
  ASSERT_EQ(asks.size(), 1U);
  EXPECT_THAT(asks[0].targets, ElementsAre(7, 8));
  EXPECT_THAT(probes.asks_of("nrt-1"), IsEmpty()) << "asked already";
  probes.answered("nrt-1", passed(asks[0].id, 7));
  EXPECT_FALSE(told);
  ASSERT_EQ(probes.asks_of("fra-1").size(), 1U);
  probes.answered("fra-1", passed(asks[0].id, 8));
  ASSERT_TRUE(told);
  EXPECT_EQ(told->at(0).vantage, "fra-1");
  EXPECT_EQ(told->at(0).outcomes.at(0).target, 8U);
  EXPECT_EQ(told->at(1).vantage, "nrt-1");
  EXPECT_EQ(told->at(1).problem, "");
}

TEST_F(RemoteProbesTest, NobodyAnswersForAnotherNorWhatWasNotAsked) {
  ask({"fra-1", "nrt-1"});
  const std::uint64_t id = probes.asks_of("nrt-1").at(0).id;
  probes.answered("fra-1", passed(id, 7));
  probes.answered("sin-1", passed(id, 7));
  probes.answered("nrt-1", passed(id + 1, 7));
  probes.answered("nrt-1", passed(id, 9));
  probes.answered("nrt-1", passed(id, 7));
  EXPECT_FALSE(told) << "fra-1 was not asked yet";
  ASSERT_EQ(probes.asks_of("fra-1").size(), 1U);
  probes.answered("fra-1", passed(id, 7));
  ASSERT_TRUE(told);
  EXPECT_THAT(told->at(1).outcomes, IsEmpty()) << "9 was not asked for, and the second answer came too late";
}

TEST_F(RemoteProbesTest, WhoDoesNotAnswerIsNamedWhenPatienceIsOver) {
  ask({"fra-1", "nrt-1"}, 1ms);
  EXPECT_EQ(probes.asks_of("nrt-1").size(), 1U);
  context.run_for(10s);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->at(0).problem, "it has not come to be asked: no report of it");
  EXPECT_EQ(told->at(1).problem, "it has not answered");
  EXPECT_THAT(probes.asks_of("fra-1"), IsEmpty());
}

TEST_F(RemoteProbesTest, OfNobodyThereIsNothingToWaitFor) {
  ask({});
  EXPECT_THAT(told.value(), IsEmpty());
}

}  // namespace
}  // namespace gslb::server
