#include "net/host_resolver.hpp"

#include <ares.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstring>
#include <list>
#include <map>

namespace gslb::net {

namespace asio = boost::asio;

namespace {

constexpr int class_in = 1, type_a = 1, type_aaaa = 28;
constexpr int timeout_ms = 1500;  ///< of one try; later ones take longer
constexpr int tries = 2;          ///< of each server

/// The addresses of a whole reply, and the least TTL.
template <class Entry, class Parse, class Get>
HostAnswer read_reply(const unsigned char* reply, int size, Parse parse, Get get) {
  std::array<Entry, HostResolver::most_addresses> entries;
  int count = entries.size();
  HostAnswer out;
  const int status = parse(reply, size, nullptr, entries.data(), &count);
  if (status != ARES_SUCCESS && status != ARES_ENODATA) {
    out.problem = ares_strerror(status);
    return out;
  }
  if (status == ARES_ENODATA) count = 0;
  out.outcome = count == 0 ? HostAnswer::Outcome::none : HostAnswer::Outcome::addresses;
  for (int i = 0; i < count; ++i) {
    const Entry& entry = entries[static_cast<std::size_t>(i)];
    out.addresses.push_back(get(entry));
    const auto ttl = static_cast<std::uint32_t>(std::max(entry.ttl, 0));
    out.ttl = i == 0 ? ttl : std::min(out.ttl, ttl);
  }
  return out;
}

HostAnswer read_reply(base::Family family, const unsigned char* reply, int size) {
  if (family == base::Family::v4)
    return read_reply<ares_addrttl>(reply, size, ares_parse_a_reply, [](const ares_addrttl& entry) {
      return base::IpAddress::v4(ntohl(entry.ipaddr.s_addr));
    });
  return read_reply<ares_addr6ttl>(reply, size, ares_parse_aaaa_reply, [](const ares_addr6ttl& entry) {
    base::IpAddress out{base::Family::v6, {}};
    std::memcpy(out.octets.data(), &entry.ip6addr, out.octets.size());
    return out;
  });
}

HostAnswer answer_of(base::Family family, int status, const unsigned char* reply, int size) {
  HostAnswer out;
  switch (status) {
    case ARES_SUCCESS:
      return read_reply(family, reply, size);
    case ARES_ENODATA:
      out.outcome = HostAnswer::Outcome::none;
      break;
    case ARES_ENOTFOUND:
      out.outcome = HostAnswer::Outcome::missing;
      out.problem = "the name does not exist";
      break;
    default:
      out.problem = ares_strerror(status);
  }
  return out;
}

}  // namespace

struct HostResolver::Impl {
  struct Question {
    Impl* owner;
    base::Family family;
    Done done;
  };
  /// A socket of c-ares, which opens and closes it.
  struct Watched {
    asio::posix::stream_descriptor descriptor;
    bool reading = false;
    bool writing = false;
    bool wants_read = false;
    bool wants_write = false;
  };

  Impl(asio::io_context& c, const std::vector<base::SocketAddress>& servers) : context(c), timer(c) {
    static const int library = ares_library_init(ARES_LIB_INIT_ALL);
    ares_options options{};
    options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS;
    options.timeout = timeout_ms;
    options.tries = tries;
    options.ednspsz = 1232;
    char dns_only[] = "b";
    options.lookups = dns_only;
    options.sock_state_cb = [](void* self, ares_socket_t socket, int readable, int writable) {
      static_cast<Impl*>(self)->watch(socket, readable != 0, writable != 0);
    };
    options.sock_state_cb_data = this;
    const int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB |
                     ARES_OPT_EDNSPSZ;
    const int status = library == ARES_SUCCESS ? ares_init_options(&channel, &options, mask) : library;
    if (status != ARES_SUCCESS) {
      channel = nullptr;
      problem = ares_strerror(status);
      return;
    }
    if (!servers.empty()) use(servers);
  }
  ~Impl() {
    ending = true;
    if (channel != nullptr) ares_destroy(channel);
  }

  void use(const std::vector<base::SocketAddress>& servers) {
    std::vector<ares_addr_port_node> nodes(servers.size());
    for (std::size_t i = 0; i < servers.size(); ++i) {
      const base::IpAddress& address = servers[i].address;
      nodes[i].next = i + 1 < servers.size() ? &nodes[i + 1] : nullptr;
      nodes[i].family = address.family == base::Family::v4 ? AF_INET : AF_INET6;
      std::memcpy(&nodes[i].addr, address.octets.data(), address.bytes().size());
      nodes[i].udp_port = nodes[i].tcp_port = servers[i].port;
    }
    if (const int status = ares_set_servers_ports(channel, nodes.data()); status != ARES_SUCCESS)
      problem = ares_strerror(status);
  }

  void ask(const std::string& name, base::Family family, Done done) {
    if (!problem.empty()) {
      HostAnswer failed;
      failed.problem = problem;
      asio::post(context, [alive = std::weak_ptr(living), done = std::move(done), failed = std::move(failed)] {
        if (!alive.expired()) done(failed);
      });
      return;
    }
    auto* question = new Question{this, family, std::move(done)};  // c-ares keeps it until it calls back, always once
    ares_query(
        channel, name.c_str(), class_in, family == base::Family::v4 ? type_a : type_aaaa,
        [](void* self, int status, int, unsigned char* reply, int size) {
          const std::unique_ptr<Question> q(static_cast<Question*>(self));
          if (q->owner->ending) return;
          asio::post(q->owner->context, [alive = std::weak_ptr(q->owner->living), answered = std::move(q->done),
                                         answer = answer_of(q->family, status, reply, size)] {
            if (!alive.expired()) answered(answer);
          });
        },
        question);
    set_timer();
  }

  void watch(ares_socket_t socket, bool readable, bool writable) {
    auto known = watched.find(socket);
    if (!readable && !writable) {
      if (known == watched.end()) return;
      known->second->descriptor.release();  // c-ares closes it; what waits ends with an error
      watched.erase(known);
      return;
    }
    if (known == watched.end())
      known = watched.emplace(socket, std::make_shared<Watched>(Watched{{context, socket}})).first;
    Watched& at = *known->second;
    at.wants_read = readable;
    at.wants_write = writable;
    wait(socket, known->second);
  }

  void wait(ares_socket_t socket, const std::shared_ptr<Watched>& at) {
    const auto start = [&](bool wanted, bool& waiting, auto kind, bool read) {
      if (!wanted || waiting) return;
      waiting = true;
      at->descriptor.async_wait(
          kind, [this, alive = std::weak_ptr(living), socket, at, read](const boost::system::error_code& error) {
            (read ? at->reading : at->writing) = false;
            if (error || alive.expired()) return;
            ares_process_fd(channel, read ? socket : ARES_SOCKET_BAD, read ? ARES_SOCKET_BAD : socket);
            const auto now = watched.find(socket);
            if (now != watched.end() && now->second == at) wait(socket, at);
            set_timer();
          });
    };
    start(at->wants_read, at->reading, asio::posix::descriptor_base::wait_read, true);
    start(at->wants_write, at->writing, asio::posix::descriptor_base::wait_write, false);
  }

  void set_timer() {
    timeval room{};
    const timeval* next = ares_timeout(channel, nullptr, &room);
    if (next == nullptr) {
      timer.cancel();
      return;
    }
    timer.expires_after(std::chrono::seconds(next->tv_sec) + std::chrono::microseconds(next->tv_usec) +
                        std::chrono::milliseconds(1));
    timer.async_wait([this, alive = std::weak_ptr(living)](const boost::system::error_code& error) {
      if (error || alive.expired()) return;
      ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
      set_timer();
    });
  }

  asio::io_context& context;
  asio::steady_timer timer;
  ares_channel channel = nullptr;
  std::string problem;
  std::map<ares_socket_t, std::shared_ptr<Watched>> watched;
  std::shared_ptr<int> living = std::make_shared<int>(0);  ///< gone with this: handlers that are queued do nothing then
  bool ending = false;
};

HostResolver::HostResolver(asio::io_context& context, const std::vector<base::SocketAddress>& servers)
    : impl_(std::make_unique<Impl>(context, servers)) {}
HostResolver::~HostResolver() = default;
void HostResolver::ask(const std::string& name, base::Family family, Done done) {
  impl_->ask(name, family, std::move(done));
}

}  // namespace gslb::net
