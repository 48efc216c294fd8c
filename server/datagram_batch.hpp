// server/datagram_batch.hpp: the buffers of one batch of datagrams and the two system calls on them.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "dns/types.hpp"
#include "engine/query_handler.hpp"

namespace gslb::server {

class DatagramBatch {
 public:
  static constexpr unsigned size = 32;

  DatagramBatch();

  /// Reads what is there, up to `size` datagrams, without waiting. @return how many; 0 if none
  unsigned receive(int fd, bool wildcard) noexcept;
  /// Answers the `count` datagrams that receive() read, and sends the replies from the address that was asked.
  void answer(int fd, unsigned count, engine::QueryHandler& handler) noexcept;
  /// As answer(), for datagrams that begin with the header of one of `proxies`; others are dropped. Replies go to the
  /// proxy, without a header.
  void answer_proxied(int fd, unsigned count, engine::QueryHandler& handler,
                      std::span<const base::Prefix> proxies) noexcept;

 private:
  static constexpr std::size_t query_octets = 4096;
  static constexpr std::size_t control_octets = CMSG_SPACE(sizeof(in6_pktinfo));

  struct Slot {
    alignas(cmsghdr) std::array<std::uint8_t, control_octets> control;
    sockaddr_storage peer;
    iovec in;
    iovec out;
    engine::Pending pending;
    std::array<std::uint8_t, query_octets> query;
    std::array<std::uint8_t, dns::udp_payload_limit> reply;
  };

  std::span<const std::uint8_t> received(unsigned i) const noexcept;
  void finish(int fd, unsigned count, engine::QueryHandler& handler) noexcept;

  std::array<mmsghdr, size> received_{};
  std::array<mmsghdr, size> sent_{};
  std::unique_ptr<std::array<Slot, size>> slots_;
  bool wildcard_ = false;
};

}  // namespace gslb::server
