#include "health/probes/pinger.hpp"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstring>
#include <optional>
#include <random>
#include <unordered_map>

#include "health/probes/problem.hpp"

namespace gslb::health {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t echo_size = 16;

void put16(std::string& out, std::uint16_t value) {
  out += static_cast<char>(value >> 8);
  out += static_cast<char>(value & 0xff);
}

std::uint16_t get16(std::string_view octets, std::size_t at) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(octets[at]) << 8 |
                                    static_cast<unsigned char>(octets[at + 1]));
}

/// RFC 1071, of an even number of octets.
std::uint16_t checksum(std::string_view octets) {
  std::uint32_t sum = 0;
  for (std::size_t at = 0; at + 1 < octets.size(); at += 2) sum += get16(octets, at);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

struct NativeAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

NativeAddress native(const base::IpAddress& address) {
  NativeAddress out;
  const auto bytes = address.bytes();
  if (address.family == base::Family::v4) {
    auto& to = reinterpret_cast<sockaddr_in&>(out.storage);
    to.sin_family = AF_INET;
    std::memcpy(&to.sin_addr, bytes.data(), bytes.size());
    out.size = sizeof to;
  } else {
    auto& to = reinterpret_cast<sockaddr_in6&>(out.storage);
    to.sin6_family = AF_INET6;
    std::memcpy(&to.sin6_addr, bytes.data(), bytes.size());
    out.size = sizeof to;
  }
  return out;
}

bool same_address(const sockaddr_storage& from, const base::IpAddress& address) {
  const NativeAddress expected = native(address);
  if (from.ss_family != expected.storage.ss_family) return false;
  if (address.family == base::Family::v4)
    return reinterpret_cast<const sockaddr_in&>(from).sin_addr.s_addr ==
           reinterpret_cast<const sockaddr_in&>(expected.storage).sin_addr.s_addr;
  return std::memcmp(&reinterpret_cast<const sockaddr_in6&>(from).sin6_addr,
                     &reinterpret_cast<const sockaddr_in6&>(expected.storage).sin6_addr, sizeof(in6_addr)) == 0;
}

/// Raw sockets hear everything; only replies are of interest.
void hear_replies_only(int descriptor, base::Family family) {
  if (family == base::Family::v4) {
    constexpr int icmp_filter = 1;  // ICMP_FILTER of <linux/icmp.h>, which the C library's headers do not go with
    const std::uint32_t kept_out = ~(1U << ICMP_ECHOREPLY);
    ::setsockopt(descriptor, SOL_RAW, icmp_filter, &kept_out, sizeof kept_out);
  } else {
    icmp6_filter filter{};
    ICMP6_FILTER_SETBLOCKALL(&filter);
    ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
    ::setsockopt(descriptor, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter);
  }
}

}  // namespace

std::string to_octets(const Echo& request, base::Family family) {
  std::string out;
  out += static_cast<char>(family == base::Family::v4 ? std::uint8_t{ICMP_ECHO} : std::uint8_t{ICMP6_ECHO_REQUEST});
  out += '\0';
  put16(out, 0);
  put16(out, request.id);
  put16(out, request.sequence);
  for (int shift = 48; shift >= 0; shift -= 16) put16(out, static_cast<std::uint16_t>(request.token >> shift));
  if (family == base::Family::v4) {  // of ICMPv6 the kernel makes it: it covers addresses
    const std::uint16_t sum = checksum(out);
    out[2] = static_cast<char>(sum >> 8);
    out[3] = static_cast<char>(sum & 0xff);
  }
  return out;
}

std::optional<Echo> parse_echo_reply(std::string_view octets, base::Family family, bool with_header) {
  if (with_header) {
    const std::size_t header = octets.empty() ? 0 : 4U * (static_cast<unsigned char>(octets[0]) & 0x0fU);
    if (header < 20 || octets.size() < header) return std::nullopt;
    octets.remove_prefix(header);
  }
  const auto reply =
      static_cast<char>(family == base::Family::v4 ? std::uint8_t{ICMP_ECHOREPLY} : std::uint8_t{ICMP6_ECHO_REPLY});
  if (octets.size() != echo_size || octets[0] != reply || octets[1] != 0) return std::nullopt;
  Echo out{get16(octets, 4), get16(octets, 6), 0};
  for (std::size_t at = 8; at < echo_size; at += 2) out.token = out.token << 16 | get16(octets, at);
  return out;
}

struct Pinger::Impl {
  struct Waiting {
    base::IpAddress to;
    Echo echo;
    Replied replied;
  };
  struct Channel {
    Channel(asio::io_context& context, base::Family f) : family(f), socket(context) {}
    base::Family family;
    asio::posix::stream_descriptor socket;  // waits; the rest are system calls of our own
    bool raw = false;
  };

  explicit Impl(asio::io_context& c) : context(c), id(random_word() & 0xffff) {}

  static std::uint64_t random_word() {
    static thread_local std::random_device device;
    return static_cast<std::uint64_t>(device()) << 32 | device();
  }

  std::optional<Failure> open(Channel& channel) {
    if (channel.socket.is_open()) return std::nullopt;
    const bool is_v4 = channel.family == base::Family::v4;
    const int domain = is_v4 ? AF_INET : AF_INET6;
    const int protocol = is_v4 ? static_cast<int>(IPPROTO_ICMP) : static_cast<int>(IPPROTO_ICMPV6);
    int descriptor = ::socket(domain, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
    channel.raw = descriptor < 0 && (errno == EACCES || errno == EPERM || errno == EPROTONOSUPPORT);
    if (channel.raw) descriptor = ::socket(domain, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
    if (descriptor < 0 && channel.raw && (errno == EPERM || errno == EACCES))
      return Failure{
          "no socket for ICMP: our group is not within net.ipv4.ping_group_range, and there is no CAP_NET_RAW", true};
    if (descriptor < 0) return Failure{"no socket for ICMP: " + in_words(errno), true};
    if (channel.raw) hear_replies_only(descriptor, channel.family);
    channel.socket.assign(descriptor);
    listen(channel);
    return std::nullopt;
  }

  void listen(Channel& channel) {
    channel.socket.async_wait(asio::posix::stream_descriptor::wait_read, [this, &channel](const error_code& error) {
      if (error) return;
      receive(channel);
      if (channel.socket.is_open()) listen(channel);
    });
  }

  void receive(Channel& channel) {
    constexpr unsigned at_once = 64;
    std::array<char, 256> buffer;
    for (unsigned i = 0; i < at_once; ++i) {
      sockaddr_storage from{};
      socklen_t size = sizeof from;
      const auto got = ::recvfrom(channel.socket.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT,
                                  reinterpret_cast<sockaddr*>(&from), &size);
      if (got < 0) return;
      const bool with_header = channel.raw && channel.family == base::Family::v4;
      const auto echo = parse_echo_reply({buffer.data(), static_cast<std::size_t>(got)}, channel.family, with_header);
      if (!echo) continue;
      const auto found = waiting.find(echo->sequence);
      if (found == waiting.end() || found->second.echo.token != echo->token ||
          (channel.raw && found->second.echo.id != echo->id) || !same_address(from, found->second.to))
        continue;
      const Replied replied = std::move(found->second.replied);
      waiting.erase(found);
      replied();
    }
  }

  asio::io_context& context;
  std::uint64_t id;
  Channel v4{context, base::Family::v4};
  Channel v6{context, base::Family::v6};
  std::uint16_t last_sequence = 0;
  std::unordered_map<std::uint16_t, Waiting> waiting;  ///< by sequence number
};

Pinger::Pinger(asio::io_context& context) : impl_(std::make_unique<Impl>(context)) {}
Pinger::~Pinger() = default;

Pinger::Sent Pinger::send(const base::IpAddress& to, Replied replied) {
  constexpr std::size_t most_waiting = 60'000;
  Impl& impl = *impl_;
  Impl::Channel& channel = to.family == base::Family::v4 ? impl.v4 : impl.v6;
  if (auto failure = impl.open(channel)) return {0, std::move(failure)};
  if (impl.waiting.size() >= most_waiting) return {0, Failure{"too many ICMP requests are under way", true}};
  while (impl.waiting.contains(++impl.last_sequence)) continue;
  const Echo echo{static_cast<std::uint16_t>(impl.id), impl.last_sequence, Impl::random_word()};
  const std::string octets = to_octets(echo, to.family);
  const NativeAddress address = native(to);
  if (::sendto(channel.socket.native_handle(), octets.data(), octets.size(), MSG_DONTWAIT | MSG_NOSIGNAL, address.get(),
               address.size) < 0) {
    const bool ours = is_own_shortage(errno);
    return {0, Failure{in_words(errno), ours}};
  }
  impl.waiting.emplace(echo.sequence, Impl::Waiting{to, echo, std::move(replied)});
  return {echo.sequence + 1U, std::nullopt};
}

void Pinger::cancel(std::uint64_t id) {
  if (id != 0) impl_->waiting.erase(static_cast<std::uint16_t>(id - 1));
}

}  // namespace gslb::health
