#include "net/line_server.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "net/dialogue.hpp"

namespace gslb::net {
namespace {

using namespace std::chrono_literals;

class LineServerTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto port = server_.listen({base::parse_address("127.0.0.1").value(), 0});
    ASSERT_TRUE(port);
    address_ = {base::parse_address("127.0.0.1").value(), *port};
  }
  /// What is heard until the server closes.
  std::string hear(std::string say) {
    DialogueRequest request;
    request.to = address_;
    request.say = std::move(say);
    request.deadline = base::steady_now() + 10s;
    request.enough = [](std::string_view heard) { return heard.ends_with("\n"); };
    std::optional<DialogueResult> result;
    const auto running = client_.start(std::move(request), [&](DialogueResult r) { result = std::move(r); });
    context_.restart();
    while (!result && context_.run_one_for(10s) > 0) {
    }
    return result ? result->heard : "nothing came";
  }

  boost::asio::io_context context_{1};
  LineServer server_{context_, [this](std::string_view line) {
                       ++asked_;
                       return "you said \"" + std::string(line) + "\"\n";
                     }};
  DialogueClient client_{context_};
  base::SocketAddress address_;
  unsigned asked_ = 0;
};

TEST_F(LineServerTest, AnswersALine) {
  EXPECT_EQ(hear("www/fra\n"), "you said \"www/fra\"\n");
  EXPECT_EQ(hear("www/fra\r\nmore\n"), "you said \"www/fra\"\n");
  EXPECT_EQ(hear("\n"), "you said \"\"\n");
}

TEST_F(LineServerTest, WhoSaysNothingIsAnsweredAfterASecond) {
  const auto begin = base::steady_now();
  EXPECT_EQ(hear(""), "you said \"\"\n");
  EXPECT_GE(base::steady_now() - begin, 900ms);
}

TEST_F(LineServerTest, ALineTooLongIsNotAnswered) {
  EXPECT_EQ(hear(std::string(1000, 'x')), "");
  EXPECT_EQ(asked_, 0U);
}

TEST_F(LineServerTest, APortInUseIsAnError) {
  const auto again = server_.listen(address_);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().what, "cannot listen on " + base::to_string(address_) + ": Address already in use");
}

}  // namespace
}  // namespace gslb::net
