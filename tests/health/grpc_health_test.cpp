#include "health/probes/grpc_health.hpp"

#include <gmock/gmock.h>

namespace gslb::health {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

std::string framed(const std::string& message) { return "\0\0\0\0"s + static_cast<char>(message.size()) + message; }

TEST(GrpcHealth, AsksForTheServerOrForAService) {
  EXPECT_EQ(grpc_request(""), "\0\0\0\0\0"s);
  EXPECT_EQ(grpc_request("a.B"), "\0\0\0\0\5\x0a\3a.B"s);
  const std::string longer = grpc_request(std::string(200, 'x'));
  EXPECT_EQ(longer.substr(0, 8), "\0\0\0\0\xcb\x0a\xc8\x01"s);  // a length over 127 takes two octets
  EXPECT_EQ(longer.size(), 5U + 3U + 200U);
}

TEST(GrpcHealth, ReadsTheStatusAmongOtherFields) {
  EXPECT_EQ(read_grpc_answer(framed("\x08\x01")).value(), Serving::serving);
  EXPECT_EQ(read_grpc_answer(framed("\x08\x02")).value(), Serving::not_serving);
  EXPECT_EQ(read_grpc_answer(framed("\x08\x03")).value(), Serving::service_unknown);
  EXPECT_EQ(read_grpc_answer(framed("")).value(), Serving::unknown) << "zero is not written";
  EXPECT_EQ(read_grpc_answer(framed("\x08\x4d")).value(), Serving::unknown) << "of a later version";
  // A text, four octets, eight octets and a number of fields that this release does not know.
  EXPECT_EQ(read_grpc_answer(framed("\x12\x03"
                                    "abc"
                                    "\x1d"
                                    "abcd"
                                    "\x21"
                                    "abcdefgh"
                                    "\x28\x96\x01\x08\x01"))
                .value(),
            Serving::serving);
}

TEST(GrpcHealth, RefusesWhatIsNotOneWholeMessage) {
  EXPECT_THAT(read_grpc_answer("").error().what, HasSubstr("no message"));
  EXPECT_THAT(read_grpc_answer("\1\0\0\0\0"s).error().what, HasSubstr("compressed"));
  EXPECT_THAT(read_grpc_answer(framed("\x08\x01") + "x").error().what, HasSubstr("followed by more"));
  EXPECT_THAT(read_grpc_answer("\0\0\0\0\3\x08\x01"s).error().what, HasSubstr("cut short"));
  for (const std::string& damaged :
       {"\x08"s,
        "\x12\x05"
        "abc"s,
        "\x1d"
        "abc"s,
        "\x0b"s, "\0\1"s, "\x28\x96"s, "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s, "\x12"s})
    EXPECT_THAT(read_grpc_answer(framed(damaged)).error().what, HasSubstr("damaged"));
}

TEST(GrpcHealth, NamesAStatus) {
  EXPECT_EQ(grpc_status_name(5), "not found");
  EXPECT_EQ(grpc_status_name(77), "status 77");
}

}  // namespace
}  // namespace gslb::health
