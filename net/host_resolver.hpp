// net/host_resolver.hpp: asks recursive resolvers for the addresses of a host, without waiting.
//
// c-ares stays in host_resolver.cpp; this header has neither it nor Asio. All calls and callbacks are on the
// io_context's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/address.hpp"

namespace boost::asio {
class io_context;
}

namespace gslb::net {

/// What a resolver said about the addresses of one family.
struct HostAnswer {
  enum class Outcome : std::uint8_t {
    addresses,  ///< `addresses` has at least one
    none,       ///< the name exists and has no address of this family
    missing,    ///< the name does not exist
    failed,     ///< nobody could say: SERVFAIL, REFUSED, no reply; `problem` says which
  };
  Outcome outcome = Outcome::failed;
  std::vector<base::IpAddress> addresses;  ///< at most HostResolver::most_addresses
  std::uint32_t ttl = 0;                   ///< the least of the addresses and of the aliases that lead to them, seconds
  std::string problem;                     ///< in words, for people
};

class HostResolver {
 public:
  using Done = std::function<void(HostAnswer)>;
  /// Of a reply, more addresses than this are not read.
  static constexpr std::size_t most_addresses = 256;

  /// @param servers  asked in this order; empty: those of the system (/etc/resolv.conf)
  HostResolver(boost::asio::io_context& context, const std::vector<base::SocketAddress>& servers);
  /// Ends what is under way, without callbacks.
  ~HostResolver();
  HostResolver(const HostResolver&) = delete;
  HostResolver& operator=(const HostResolver&) = delete;

  /// @param name  absolute; no search list is applied
  /// @param done  called once, later, never from inside this call; within about 10 s with two servers
  void ask(const std::string& name, base::Family family, Done done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gslb::net
