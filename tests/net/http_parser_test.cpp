#include "net/http_parser.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace gslb::net {
namespace {

using Progress = HttpParser::Progress;
using Fault = HttpParser::Fault;

/// Feeds `octets` in pieces of at most `step`.
Progress feed(HttpParser& parser, std::string_view octets, std::size_t step = 65536) {
  while (!octets.empty()) {
    const auto room = parser.prepare();
    const std::size_t size = std::min({step, room.size(), octets.size()});
    std::copy_n(octets.begin(), size, room.begin());
    octets.remove_prefix(size);
    parser.commit(size);
  }
  return parser.progress();
}

TEST(HttpParser, ReadsTheSameInPiecesOfAnySize) {
  const std::string answer =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: 1\r\n\r\n"
      "5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nX-Trailer: t\r\n\r\n";
  for (std::size_t step = 1; step <= answer.size(); ++step) {
    HttpParser parser({});
    ASSERT_EQ(feed(parser, answer, step), Progress::done) << step << " " << parser.problem();
    EXPECT_EQ(parser.message().body, "hello world");
    EXPECT_EQ(parser.message().headers.size(), 2U) << "a trailer is not a header";
    EXPECT_TRUE(parser.message().keep_alive);
  }
}

// RFC 9110 section 15.2: a client reads on after interim responses; 101 is final, as no upgrade was asked for.
TEST(HttpParser, SkipsInterimResponses) {
  for (std::size_t step : {1U, 1000U}) {
    HttpParser parser({});
    EXPECT_EQ(feed(parser,
                   "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                   "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
                   step),
              Progress::done);
    EXPECT_EQ(parser.message().status, 200U);
    EXPECT_EQ(parser.message().headers.size(), 1U);
  }
  HttpParser switching({});
  EXPECT_EQ(feed(switching, "HTTP/1.1 101 Switching Protocols\r\n\r\n"), Progress::done);
  EXPECT_EQ(switching.message().status, 101U);
}

// RFC 9112 section 6.3: the response to HEAD has no body.
TEST(HttpParser, AnAnswerToHeadEndsWithItsHeader) {
  HttpParser parser({.answers_head = true});
  EXPECT_EQ(feed(parser, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"), Progress::done);
}

TEST(HttpParser, LimitsTheSumOfAllHeaderLinesHoweverTheyCome) {
  std::string answer = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 1000; ++i) answer += "X-Header: 0123456789\r\n";
  answer += "\r\n";
  for (std::size_t step : {1U, 7U, 65536U}) {
    HttpParser parser({.header_limit = 16384});
    EXPECT_EQ(feed(parser, answer, step), Progress::failed);
    EXPECT_EQ(parser.fault(), Fault::header_too_long);
  }
}

TEST(HttpParser, LimitsChunkExtensionsAndTrailers) {
  for (const std::string_view endless : {"5;", "0\r\n"}) {
    HttpParser parser({.header_limit = 1000});
    feed(parser, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    feed(parser, endless);
    EXPECT_EQ(feed(parser, std::string(2000, 'x')), Progress::failed);
  }
}

TEST(HttpParser, RefusesABodyThatAnnouncesTooMuch) {
  HttpParser parser({.request = true, .body_limit = 10});
  EXPECT_EQ(feed(parser, "POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\nx"), Progress::failed);
  EXPECT_EQ(parser.fault(), Fault::body_too_long);
}

TEST(HttpParser, ABodyOfExactlyTheLimitIsRead) {
  HttpParser parser({.request = true, .body_limit = 10});
  EXPECT_EQ(feed(parser, "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n0123456789"), Progress::done);
  EXPECT_EQ(parser.message().body, "0123456789");
}

// RFC 9112 section 6.1: a message with both lengths may be an attempt to smuggle a request.
TEST(HttpParser, RefusesTwoLengths) {
  HttpParser both({.request = true});
  EXPECT_EQ(feed(both, "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            Progress::failed);
  HttpParser differing({.request = true});
  EXPECT_EQ(feed(differing, "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy"), Progress::failed);
}

TEST(HttpParser, ReadsOneRequestAfterAnother) {
  HttpParser parser({.request = true});
  EXPECT_TRUE(parser.untouched());
  EXPECT_EQ(feed(parser, "GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.0\r\n\r\n"), Progress::done);
  EXPECT_EQ(parser.message().target, "/a");
  EXPECT_TRUE(parser.message().keep_alive);
  EXPECT_EQ(parser.next(), Progress::done);
  EXPECT_EQ(parser.message().target, "/b");
  EXPECT_FALSE(parser.message().keep_alive);
  EXPECT_EQ(parser.next(), Progress::header);
  EXPECT_TRUE(parser.untouched());
}

TEST(HttpParser, NamesStatuses) {
  EXPECT_EQ(reason_phrase(404), "Not Found");
  EXPECT_EQ(reason_phrase(431), "Request Header Fields Too Large");
}

}  // namespace
}  // namespace gslb::net
