#include "server/datagram_batch.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "net/proxy_header.hpp"
#include "server/socket.hpp"

namespace gslb::server {

DatagramBatch::DatagramBatch() : slots_(std::make_unique<std::array<Slot, size>>()) {
  for (unsigned i = 0; i < size; ++i) {
    Slot& slot = (*slots_)[i];
    slot.in = {slot.query.data(), slot.query.size()};
    received_[i].msg_hdr.msg_name = &slot.peer;
    received_[i].msg_hdr.msg_iov = &slot.in;
    received_[i].msg_hdr.msg_iovlen = 1;
  }
}

unsigned DatagramBatch::receive(int fd, bool wildcard) noexcept {
  wildcard_ = wildcard;
  for (unsigned i = 0; i < size; ++i) {
    msghdr& header = received_[i].msg_hdr;
    header.msg_namelen = sizeof(sockaddr_storage);
    header.msg_control = wildcard ? (*slots_)[i].control.data() : nullptr;
    header.msg_controllen = wildcard ? control_octets : 0;
  }
  const int count = ::recvmmsg(fd, received_.data(), size, MSG_DONTWAIT, nullptr);
  return count > 0 ? static_cast<unsigned>(count) : 0;
}

namespace {

/// The control data of a query says where it arrived; as the control data of the reply it would also bind the reply to
/// that interface. That is right for link-local addresses only: elsewhere the routing table decides.
void route_reply(msghdr& header) noexcept {
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      in_pktinfo info;
      std::memcpy(&info, CMSG_DATA(c), sizeof info);
      info.ipi_spec_dst = info.ipi_addr;
      info.ipi_ifindex = 0;
      std::memcpy(CMSG_DATA(c), &info, sizeof info);
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info;
      std::memcpy(&info, CMSG_DATA(c), sizeof info);
      if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) info.ipi6_ifindex = 0;
      std::memcpy(CMSG_DATA(c), &info, sizeof info);
    }
  }
}

/// Of so many, nothing that is fetched would arrive much sooner.
constexpr unsigned few = 2;

}  // namespace

/// A datagram longer than the buffer cannot be a query we would answer; its head alone is not to be believed.
std::span<const std::uint8_t> DatagramBatch::received(unsigned i) const noexcept {
  const bool whole = (received_[i].msg_hdr.msg_flags & MSG_TRUNC) == 0;
  return {(*slots_)[i].query.data(), whole ? received_[i].msg_len : 0U};
}

void DatagramBatch::answer(int fd, unsigned count, engine::QueryHandler& handler) noexcept {
  for (unsigned i = 0; i < count; ++i) {
    Slot& slot = (*slots_)[i];
    const base::SocketAddress peer = from_sockaddr(slot.peer);
    handler.prepare(slot.pending, {peer.address, peer.port}, received(i), engine::Transport::datagram);
  }
  finish(fd, count, handler);
}

void DatagramBatch::answer_proxied(int fd, unsigned count, engine::QueryHandler& handler,
                                   std::span<const base::Prefix> proxies) noexcept {
  using Outcome = net::ProxyHeader::Outcome;
  for (unsigned i = 0; i < count; ++i) {
    Slot& slot = (*slots_)[i];
    base::SocketAddress client = from_sockaddr(slot.peer);
    auto octets = received(i);
    const bool trusted =
        std::any_of(proxies.begin(), proxies.end(), [&](const base::Prefix& p) { return p.contains(client.address); });
    const net::ProxyHeader header = trusted ? net::parse_proxy_header(octets) : net::ProxyHeader{};
    if (header.outcome == Outcome::proxied) client = header.client;
    const bool good = header.outcome == Outcome::proxied || header.outcome == Outcome::local;
    // What is no message is dropped, and counted so.
    octets = good ? octets.subspan(header.size) : octets.first(0);
    handler.prepare(slot.pending, {client.address, client.port}, octets, engine::Transport::datagram);
  }
  finish(fd, count, handler);
}

void DatagramBatch::finish(int fd, unsigned count, engine::QueryHandler& handler) noexcept {
  if (count > few) {
    for (unsigned i = 0; i < count; ++i) handler.fetch((*slots_)[i].pending);
  }
  unsigned replies = 0;
  for (unsigned i = 0; i < count; ++i) {
    Slot& slot = (*slots_)[i];
    const std::size_t octets = handler.finish(slot.pending, slot.reply);
    if (octets == 0) continue;
    slot.out = {slot.reply.data(), octets};
    msghdr& header = sent_[replies++].msg_hdr;
    header = received_[i].msg_hdr;
    header.msg_iov = &slot.out;
    header.msg_flags = 0;
    if (wildcard_) route_reply(header);
  }
  for (unsigned done = 0; done < replies;) {
    const int sent = ::sendmmsg(fd, sent_.data() + done, replies - done, 0);
    if (sent < 0 && errno == EINTR) continue;
    // The head of the queue is what could not be sent: give that one reply up, the resolver asks again.
    done += sent > 0 ? static_cast<unsigned>(sent) : 1;
  }
}

}  // namespace gslb::server
