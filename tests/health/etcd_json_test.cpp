#include "health/sharing/etcd_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gslb::health::etcd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// RFC 4648 section 10.
TEST(EtcdJson, Base64IsThatOfTheRfc) {
  for (const auto& [octets, text] :
       {std::pair("", ""), std::pair("f", "Zg=="), std::pair("fo", "Zm8="), std::pair("foo", "Zm9v"),
        std::pair("foob", "Zm9vYg=="), std::pair("fooba", "Zm9vYmE="), std::pair("foobar", "Zm9vYmFy")}) {
    EXPECT_EQ(to_base64(octets), text);
    EXPECT_EQ(from_base64(text), octets);
  }
  std::string all;
  for (int octet = 0; octet < 256; ++octet) all += static_cast<char>(octet);
  EXPECT_EQ(from_base64(to_base64(all)), all);
  for (const char* bad : {"Z", "Zg", "Zg=", "Z===", "Zg==Zg==", "Zm9 ", "Zg=a", "===="})
    EXPECT_FALSE(from_base64(bad)) << bad;
}

TEST(EtcdJson, ARangeEndsBeforeTheFirstKeyThatDoesNotBeginSo) {
  EXPECT_EQ(range_request("/gslb/"),
            R"({"key":")" + to_base64("/gslb/") + R"(","range_end":")" + to_base64("/gslb0") + "\"}");
  EXPECT_THAT(range_request("a\xff"), HasSubstr(to_base64("b")));
  EXPECT_THAT(range_request("\xff"), HasSubstr(to_base64(std::string(1, '\0'))));
}

TEST(EtcdJson, ReadsWhatTheGatewaySends) {
  const auto listing = read_range(R"({"header":{"cluster_id":"1","revision":"12"},"kvs":[
    {"key":"L2E=","mod_revision":"7","value":"MQ=="},{"key":"L2I=","mod_revision":"12"}],"count":"2"})");
  ASSERT_TRUE(listing) << listing.error().what;
  EXPECT_EQ(listing->revision, 12U);
  EXPECT_THAT(listing->values, ElementsAre(StoredValue{"/a", "1", 7}, StoredValue{"/b", "", 12}));
  EXPECT_THAT(read_range(R"({"header":{"revision":"1"}})")->values, IsEmpty());
  EXPECT_EQ(read_change(R"({"header":{"revision":"5"},"succeeded":true})").value(), 5U);
  EXPECT_THAT(read_change(R"({"header":{"revision":"5"}})").error().what, HasSubstr("somebody else"));
  EXPECT_EQ(read_login(R"({"token":"t.1"})").value(), "t.1");
  EXPECT_EQ(read_error(R"({"error":"etcdserver: no leader","code":14})"), "etcdserver: no leader");
  EXPECT_EQ(read_error("gone\nfishing"), "gone");
  EXPECT_EQ(read_error("{}"), "no reason given");
}

TEST(EtcdJson, WhatIsNoAnswerIsRefused) {
  for (const char* bad :
       {"", "[]", "{}", R"({"header":{}})", R"({"header":{"revision":12}})", R"({"header":{"revision":"x"}})",
        R"({"header":{"revision":"1"},"kvs":1})", R"({"header":{"revision":"1"},"kvs":[1]})",
        R"({"header":{"revision":"1"},"kvs":[{"key":"L2E=","mod_revision":"2"}]})",
        R"({"header":{"revision":"1"},"kvs":[{"key":"!","mod_revision":"1"}]})",
        R"({"header":{"revision":"1"},"kvs":[{"key":1,"mod_revision":"1"}]})",
        R"({"header":{"revision":"1"},"kvs":[{"key":"L2E="}]})"})
    EXPECT_THAT(read_range(bad).error().what, HasSubstr("cannot be read")) << bad;
  EXPECT_FALSE(read_change("{}"));
  EXPECT_FALSE(read_change("x"));
  EXPECT_FALSE(read_login("{}"));
  EXPECT_FALSE(read_login("x"));
}

}  // namespace
}  // namespace gslb::health::etcd
