#include "dns/framing.hpp"

#include <gmock/gmock.h>

namespace gslb::dns {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Octets = std::vector<std::uint8_t>;

/// A connection as the worker drives it: read into the common buffer behind what was kept, then take.
class Connection {
 public:
  explicit Connection(std::size_t at_once = 1000) : at_once_(at_once) {}
  bool receive(const Octets& octets) {
    std::array<std::uint8_t, 16384> buffer;
    const std::size_t kept = framing.restore(buffer);
    std::copy(octets.begin(), octets.end(), buffer.begin() + static_cast<std::ptrdiff_t>(kept));
    std::size_t taken = 0;
    return framing.take({buffer.data(), kept + octets.size()}, [&](std::span<const std::uint8_t> message) {
      messages.emplace_back(message.begin(), message.end());
      return ++taken < at_once_;
    });
  }
  Framing framing;
  std::vector<Octets> messages;

 private:
  std::size_t at_once_;
};

// RFC 7766 section 8: the two octets and the message may come in any pieces.
TEST(Framing, OctetByOctetIsAsGoodAsAtOnce) {
  Connection connection;
  for (const std::uint8_t octet : Octets{0, 3, 'a', 'b', 'c', 0, 1, 'd'}) EXPECT_TRUE(connection.receive({octet}));
  EXPECT_THAT(connection.messages, ElementsAre(Octets{'a', 'b', 'c'}, Octets{'d'}));
}

// RFC 7766 section 6.2.1.1: pipelining.
TEST(Framing, SeveralMessagesInOnePieceAreAllTaken) {
  Connection connection;
  EXPECT_TRUE(connection.receive({0, 1, 'a', 0, 2, 'b', 'c', 0, 3, 'd'}));
  EXPECT_THAT(connection.messages, ElementsAre(Octets{'a'}, Octets{'b', 'c'}));
  EXPECT_TRUE(connection.receive({'e', 'f', 0}));
  EXPECT_TRUE(connection.receive({1, 'g'}));
  EXPECT_THAT(connection.messages, ElementsAre(Octets{'a'}, Octets{'b', 'c'}, Octets{'d', 'e', 'f'}, Octets{'g'}));
}

TEST(Framing, WhatIsNotTakenYetIsKept) {
  Connection connection(1);
  EXPECT_TRUE(connection.receive({0, 1, 'a', 0, 1, 'b', 0}));
  EXPECT_THAT(connection.messages, ElementsAre(Octets{'a'}));
  EXPECT_TRUE(connection.framing.ready());
  EXPECT_TRUE(connection.receive({}));
  EXPECT_THAT(connection.messages, ElementsAre(Octets{'a'}, Octets{'b'}));
  EXPECT_FALSE(connection.framing.ready());
}

TEST(Framing, AMessageOfNoOctetsIsOne) {
  Connection connection;
  EXPECT_TRUE(connection.receive({0, 0}));
  EXPECT_THAT(connection.messages, ElementsAre(IsEmpty()));
}

TEST(Framing, TheLongestMessageIsTakenAndALongerOneRefusedAtItsLength) {
  Connection connection;
  Octets longest(2 + Framing::longest);
  longest[0] = Framing::longest >> 8;
  EXPECT_TRUE(connection.receive(longest));
  EXPECT_THAT(connection.messages, ElementsAre(SizeIs(Framing::longest)));
  EXPECT_TRUE(connection.receive({Framing::longest >> 8}));
  EXPECT_FALSE(connection.receive({1}));
  EXPECT_FALSE(connection.framing.ready());
}

TEST(Framing, MessagesBeforeTheOneThatIsTooLongAreTaken) {
  Connection connection;
  EXPECT_FALSE(connection.receive({0, 1, 'a', 0xff, 0xff, 'b'}));
  EXPECT_THAT(connection.messages, ElementsAre(Octets{'a'}));
}

}  // namespace
}  // namespace gslb::dns
