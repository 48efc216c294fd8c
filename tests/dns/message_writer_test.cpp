#include "dns/message_writer.hpp"

#include <gmock/gmock.h>

#include <array>
#include <vector>

namespace gslb::dns {
namespace {

using testing::ElementsAre;

// RFC 1035 section 2.3.2: most significant octet first.
TEST(MessageWriter, WritesNetworkOrder) {
  std::array<std::uint8_t, 16> room{};
  MessageWriter writer(room);
  writer.put_u8(1);
  writer.put_u16(0x0203);
  writer.put_u32(0x04050607);
  writer.put_pointer(12);
  writer.put(std::vector<std::uint8_t>{8, 9});
  writer.put({});
  writer.patch_u16(1, 0x2223);
  writer.patch_u32(3, 0x24252627);
  EXPECT_THAT(std::vector(room.begin(), room.begin() + 11),
              ElementsAre(1, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0xc0, 12, 8, 9));
  EXPECT_EQ(writer.size(), 11U);
}

TEST(MessageWriter, StaysOverflowedUntilItIsRewound) {
  std::array<std::uint8_t, 4> room{};
  MessageWriter writer(room);
  writer.put_u16(1);
  writer.put_u32(2);
  EXPECT_TRUE(writer.overflowed());
  writer.put_u8(3);
  EXPECT_EQ(writer.size(), 2U);
  writer.rewind(2);
  writer.put_u16(4);
  EXPECT_FALSE(writer.overflowed());
  EXPECT_THAT(room, ElementsAre(0, 1, 0, 4));
}

TEST(MessageWriter, KeepsWhatIsReservedFreeUntilItIsReleased) {
  std::array<std::uint8_t, 8> room{};
  MessageWriter writer(room);
  writer.reserve(5);
  EXPECT_EQ(writer.capacity(), 3U);
  writer.put_u32(1);
  EXPECT_TRUE(writer.overflowed());
  writer.rewind(0);
  writer.release();
  writer.put_u32(1);
  writer.put_u32(2);
  EXPECT_FALSE(writer.overflowed());
}

TEST(MessageWriter, ZerosFitOrAreNotWritten) {
  std::array<std::uint8_t, 4> room{1, 1, 1, 1};
  MessageWriter writer(room);
  writer.put_zeros(3);
  writer.put_zeros(2);
  EXPECT_TRUE(writer.overflowed());
  EXPECT_THAT(room, ElementsAre(0, 0, 0, 1));
}

TEST(MessageWriter, HasNoRoomWhenMoreIsReservedThanThereIs) {
  std::array<std::uint8_t, 8> room{};
  MessageWriter writer(room);
  writer.reserve(9);
  EXPECT_EQ(writer.capacity(), 0U);
  writer.put_u8(1);
  EXPECT_TRUE(writer.overflowed());
}

TEST(MessageWriter, OverflowsWhenMoreIsReservedThanIsLeft) {
  std::array<std::uint8_t, 8> room{};
  MessageWriter writer(room);
  writer.put_u32(1);
  writer.reserve(6);
  writer.put_u8(1);
  EXPECT_TRUE(writer.overflowed());
  EXPECT_EQ(writer.size(), 4U);
}

}  // namespace
}  // namespace gslb::dns
