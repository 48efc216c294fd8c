// How feeds are asked: at their interval, with patience, and without losing what was known.
#include "health/feeds/feed_reader.hpp"

#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <cstdio>

#include "tests/health/loopback_server.hpp"

namespace gslb::health {
namespace {

using std::chrono::milliseconds;

const std::string page = R"({"servers":1,"of":2})";

struct FeedReaderTest : testing::Test {
  FeedSpec spec_of(std::uint16_t port, FeedKind kind = FeedKind::page) {
    FeedSpec spec;
    spec.name = "fra";
    spec.kind = kind;
    spec.to = {base::IpAddress::v4(0x7f000001), port};
    spec.interval = milliseconds(20);
    spec.timeout = milliseconds(2000);
    return spec;
  }

  bool until(const std::function<bool()>& done) { return run_until(context, done); }

  boost::asio::io_context context{1};
  std::size_t read = 0;
  FeedReader reader{context, 1, [this](std::size_t) { ++read; }};
};

TEST_F(FeedReaderTest, AsksAgainAndAgain) {
  LoopbackServer server(context, [](const std::string&) { return answer(200, page); });
  reader.follow({spec_of(server.port())});
  ASSERT_TRUE(until([&] { return read >= 3; }));
  EXPECT_EQ(reader.state(0).reading.capacity, 0.5);
  EXPECT_TRUE(reader.state(0).read);
  EXPECT_TRUE(server.last_request().starts_with("GET /gslb HTTP/1.1\r\n")) << server.last_request();
}

TEST_F(FeedReaderTest, AFailureKeepsTheLastReadingAndSaysWhy) {
  unsigned status = 200;
  LoopbackServer server(context, [&](const std::string&) { return answer(status, page); });
  reader.follow({spec_of(server.port())});
  ASSERT_TRUE(until([&] { return read >= 1; }));
  status = 500;
  ASSERT_TRUE(until([&] { return !reader.state(0).problem.empty(); }));
  EXPECT_EQ(reader.state(0).problem, "the page answers 500: " + page);
  EXPECT_EQ(reader.state(0).reading.capacity, 0.5);
  status = 200;
  ASSERT_TRUE(until([&] { return reader.state(0).problem.empty(); }));
}

TEST_F(FeedReaderTest, RestsLongerAfterEachFailure) {
  RefusedPort closed;
  FeedSpec spec = spec_of(closed.port());
  spec.interval = milliseconds(100);
  reader.follow({spec});
  ASSERT_TRUE(until([&] { return reader.state(0).failed == 1; }));
  const auto first = base::steady_now();
  ASSERT_TRUE(until([&] { return reader.state(0).failed == 4; }));
  EXPECT_GE(base::steady_now() - first, milliseconds(50 + 100 + 200)) << "at its interval it would be 270 ms";
  EXPECT_EQ(reader.state(0).problem, "connect: connection refused");
}

TEST_F(FeedReaderTest, GivesUpOnASourceThatHangs) {
  LoopbackServer server(context, [](const std::string&) { return Reaction{"HTTP/1.1 200 OK\r\n", true}; });
  FeedSpec spec = spec_of(server.port());
  spec.timeout = milliseconds(50);
  reader.follow({spec});
  ASSERT_TRUE(until([&] { return reader.state(0).failed >= 1; }));
  EXPECT_EQ(reader.state(0).problem, "status: timed out");
}

TEST_F(FeedReaderTest, ATokenIsReadFromItsFileEachTime) {
  LoopbackServer server(context, [](const std::string&) { return answer(200, page); });
  FeedSpec spec = spec_of(server.port());
  spec.secret_file = testing::TempDir() + "gslb-feed-token";
  std::remove(spec.secret_file.c_str());
  reader.follow({spec});
  ASSERT_TRUE(until([&] { return reader.state(0).failed >= 1; }));
  std::FILE* file = std::fopen(spec.secret_file.c_str(), "w");
  ASSERT_NE(file, nullptr);
  std::fputs("s3cret\nmore\n", file);
  std::fclose(file);
  ASSERT_TRUE(until([&] { return read >= 1; }));
  EXPECT_NE(server.last_request().find("Authorization: Bearer s3cret\r\n"), std::string::npos);
  std::remove(spec.secret_file.c_str());
}

/// HAProxy's Runtime API: one line is asked, the answer ends with an empty one and the connection.
class RuntimeApi {
 public:
  RuntimeApi(boost::asio::io_context& context, std::string says)
      : says_(std::move(says)), acceptor_(context, {boost::asio::ip::address_v4::loopback(), 0}), socket_(context) {
    acceptor_.async_accept(socket_, [this](const boost::system::error_code& error) {
      if (error) return;
      boost::asio::async_read_until(socket_, boost::asio::dynamic_buffer(asked_), '\n',
                                    [this](const boost::system::error_code& failed, std::size_t) {
                                      if (failed) return;
                                      boost::asio::write(socket_, boost::asio::buffer(says_));
                                      socket_.close();
                                    });
    });
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  const std::string& asked() const { return asked_; }

 private:
  std::string says_, asked_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ip::tcp::socket socket_;
};

TEST_F(FeedReaderTest, SpeaksTheRuntimeApi) {
  RuntimeApi haproxy(context,
                     "# pxname,svname,status,type,weight,uweight,\nwww,a,UP,2,1,1,\nwww,BACKEND,UP,1,1,1,\n\n");
  FeedSpec spec = spec_of(haproxy.port(), FeedKind::haproxy);
  spec.object = "www";
  spec.plain = true;
  reader.follow({spec});
  ASSERT_TRUE(until([&] { return read >= 1; })) << reader.state(0).problem;
  EXPECT_EQ(haproxy.asked(), "show stat\n");
  EXPECT_EQ(reader.state(0).members.size(), 1U);
}

TEST_F(FeedReaderTest, AsksAnAgent) {
  RuntimeApi agent(context, "ready up 75%\n");
  FeedSpec spec = spec_of(agent.port(), FeedKind::agent);
  spec.object = "www";
  spec.plain = true;
  reader.follow({spec});
  ASSERT_TRUE(until([&] { return read >= 1; })) << reader.state(0).problem;
  EXPECT_EQ(agent.asked(), "www\n");
  EXPECT_EQ(reader.state(0).reading.capacity, 0.75);
}

TEST_F(FeedReaderTest, FeedsThatStayKeepTheirState) {
  LoopbackServer server(context, [](const std::string&) { return answer(200, page); });
  FeedSpec spec = spec_of(server.port());
  spec.interval = std::chrono::seconds(60);
  reader.follow({spec});
  ASSERT_TRUE(until([&] { return read >= 1; }));
  FeedSpec other = spec;
  other.name = "ams";
  reader.follow({other, spec});
  EXPECT_FALSE(reader.state(0).read);
  EXPECT_EQ(reader.state(1).reading.capacity, 0.5);
  ASSERT_TRUE(until([&] { return reader.state(0).read.has_value(); }));
  reader.follow({});
  EXPECT_TRUE(reader.states().empty());
}

}  // namespace
}  // namespace gslb::health
