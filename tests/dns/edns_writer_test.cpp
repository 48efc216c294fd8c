#include "dns/edns_writer.hpp"

#include <gmock/gmock.h>
#include <ldns/ldns.h>

#include <array>
#include <memory>
#include <vector>

namespace gslb::dns {
namespace {

using testing::ElementsAre;

/// A reply that is a header and this OPT record, as ldns reads it.
class OptReply {
 public:
  OptReply(Rcode rcode, const ReplyOptions& options) {
    std::array<std::uint8_t, 512> room{};
    room[2] = 0x80;
    room[11] = 1;
    room[3] = static_cast<std::uint8_t>(static_cast<unsigned>(rcode) & 15);
    MessageWriter writer(room);
    writer.put(std::vector<std::uint8_t>(room.begin(), room.begin() + 12));
    put_opt(writer, rcode, options);
    EXPECT_FALSE(writer.overflowed());
    EXPECT_EQ(writer.size(), 12 + opt_size(options));
    ldns_pkt* raw = nullptr;
    EXPECT_EQ(ldns_wire2pkt(&raw, room.data(), writer.size()), LDNS_STATUS_OK);
    packet_.reset(raw);
  }

  ldns_pkt* packet() const { return packet_.get(); }
  std::vector<std::uint8_t> options() const {
    const ldns_rdf* data = ldns_pkt_edns_data(packet_.get());
    if (data == nullptr) return {};
    return {ldns_rdf_data(data), ldns_rdf_data(data) + ldns_rdf_size(data)};
  }

 private:
  std::unique_ptr<ldns_pkt, decltype(&ldns_pkt_free)> packet_{nullptr, &ldns_pkt_free};
};

ClientSubnet subnet(base::Family family, std::uint8_t source, const char* address) {
  return {.present = true, .family = family, .source = source, .address = base::parse_address(address).value()};
}

// RFC 6891 section 6.1.3: payload size in the class, upper bits of the RCODE and version in the TTL.
TEST(OptRecord, CarriesPayloadSizeAndTheUpperBitsOfTheRcode) {
  const OptReply reply(Rcode::badvers, {});
  EXPECT_TRUE(ldns_pkt_edns(reply.packet()));
  EXPECT_EQ(ldns_pkt_edns_udp_size(reply.packet()), 1232);
  EXPECT_EQ(ldns_pkt_edns_version(reply.packet()), 0);
  EXPECT_EQ(ldns_pkt_edns_extended_rcode(reply.packet()), 1);
  EXPECT_FALSE(ldns_pkt_edns_do(reply.packet()));
  EXPECT_TRUE(reply.options().empty());
}

// RFC 3225 section 3: DO is copied into the reply.
TEST(OptRecord, EchoesDnssecOk) {
  EXPECT_TRUE(ldns_pkt_edns_do(OptReply(Rcode::noerror, {.dnssec_ok = true}).packet()));
}

// RFC 7871 section 7.2.1: FAMILY, SOURCE and ADDRESS are the query's, SCOPE is ours.
TEST(OptRecord, EchoesTheClientSubnetWithOurScope) {
  const ReplyOptions v4{.subnet = subnet(base::Family::v4, 24, "198.51.100.0"), .scope = 20};
  EXPECT_THAT(OptReply(Rcode::noerror, v4).options(), ElementsAre(0, 8, 0, 7, 0, 1, 24, 20, 198, 51, 100));
  const ReplyOptions v6{.subnet = subnet(base::Family::v6, 33, "2001:db8::"), .scope = 32};
  EXPECT_THAT(OptReply(Rcode::noerror, v6).options(), ElementsAre(0, 8, 0, 9, 0, 2, 33, 32, 0x20, 0x01, 0x0d, 0xb8, 0));
  const ReplyOptions none{.subnet = subnet(base::Family::v6, 0, "::")};
  EXPECT_THAT(OptReply(Rcode::noerror, none).options(), ElementsAre(0, 8, 0, 4, 0, 2, 0, 0));
}

// RFC 8914 section 2 and RFC 7873 section 4.
TEST(OptRecord, CarriesCookieAndExtendedError) {
  const std::vector<std::uint8_t> cookie{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  ReplyOptions options{.cookie = cookie, .error = ExtendedError::not_supported, .error_text = "no"};
  EXPECT_THAT(
      OptReply(Rcode::refused, options).options(),
      ElementsAre(0, 10, 0, 16, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 0, 15, 0, 4, 0, 21, 'n', 'o'));
}

// RFC 8467 section 4.1: to a multiple of 468 octets, or to the end of the buffer, or not at all.
TEST(OptRecord, PadsAsFarAsThereIsRoom) {
  for (std::size_t size = 11; size < 500; ++size) {
    std::vector<std::uint8_t> room(size);
    MessageWriter writer(room);
    put_opt(writer, Rcode::noerror, {.pad = true});
    ASSERT_FALSE(writer.overflowed()) << size;
    EXPECT_EQ(writer.size(), size < 11 + 4 ? 11 : std::min<std::size_t>(size, 468)) << size;
  }
}

TEST(OptRecord, DoesNotLeaveTheBuffer) {
  std::array<std::uint8_t, 10> room{};
  MessageWriter writer(room);
  put_opt(writer, Rcode::noerror, {});
  EXPECT_TRUE(writer.overflowed());
}

}  // namespace
}  // namespace gslb::dns
