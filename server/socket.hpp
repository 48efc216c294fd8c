// server/socket.hpp: listening sockets, set up the way a DNS server needs them.
#pragma once

#include <sys/socket.h>

#include "base/address.hpp"
#include "base/descriptor.hpp"
#include "base/result.hpp"

namespace gslb::server {

using base::Descriptor;

/// A UDP socket of the address' SO_REUSEPORT group: IPv6 only speaks IPv6, replies are never fragmented by the path
/// (IP_PMTUDISC_OMIT, against forged ICMP "too big"), a wildcard socket says which address was asked.
[[nodiscard]] base::Result<Descriptor> bind_datagram(const base::SocketAddress& address);

/// A listening TCP socket of the address' SO_REUSEPORT group, with TCP Fast Open.
[[nodiscard]] base::Result<Descriptor> bind_stream(const base::SocketAddress& address);

/// Fails, with a sentence for people, if somebody else has the address: SO_REUSEPORT alone would let two servers share
/// it.
/// @param type  SOCK_DGRAM or SOCK_STREAM
[[nodiscard]] base::Result<void> check_free(const base::SocketAddress& address, int type);

/// The system speaks IPv6 at all.
bool has_ipv6() noexcept;

bool is_wildcard(const base::IpAddress& address) noexcept;

socklen_t to_sockaddr(const base::SocketAddress& address, sockaddr_storage& out) noexcept;
/// IPv4 addresses mapped into IPv6 come out as IPv4.
base::SocketAddress from_sockaddr(const sockaddr_storage& address) noexcept;

}  // namespace gslb::server
