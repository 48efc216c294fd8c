// health/probes/pinger.hpp: ICMP echo (RFC 792, RFC 4443 section 4): one socket for each address family, however many
// targets; a reply finds its request by sequence number, and must come from where the request went and bring back what
// was sent.
//
// Sockets: unprivileged ping sockets where net.ipv4.ping_group_range lets us (icmp(7)), else raw ones (CAP_NET_RAW).
// Threads: everything on the io_context's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "base/result.hpp"

namespace boost::asio {
class io_context;
}

namespace gslb::health {

class Pinger {
 public:
  using Replied = std::function<void()>;
  explicit Pinger(boost::asio::io_context& context);
  ~Pinger();
  Pinger(const Pinger&) = delete;
  Pinger& operator=(const Pinger&) = delete;

  struct Failure {
    std::string what;
    bool ours = false;  ///< says nothing of the target: no socket to be had, too many requests at once
  };
  struct Sent {
    std::uint64_t id = 0;  ///< for cancel()
    std::optional<Failure> failure;
  };
  /// Sends one request; `replied` is called once, later, when its reply comes, unless it is cancelled before.
  Sent send(const base::IpAddress& to, Replied replied);
  void cancel(std::uint64_t id);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// One echo request or reply, without an IP header. For the fuzz target, too.
struct Echo {
  std::uint16_t id = 0;
  std::uint16_t sequence = 0;
  std::uint64_t token = 0;  ///< the data: eight octets that nobody can guess
  bool operator==(const Echo&) const = default;
};
std::string to_octets(const Echo& request, base::Family family);
/// @param octets  what was received; `with_header` if it begins with an IPv4 header, as on raw sockets
/// @return nothing unless it is an echo reply with data of our length
std::optional<Echo> parse_echo_reply(std::string_view octets, base::Family family, bool with_header);

}  // namespace gslb::health
