#include "server/settings.hpp"

#include <tuple>

#include "server/socket.hpp"

namespace gslb::server {

namespace {

bool same_connections(const config::ServerSpec& a, const config::ServerSpec& b) {
  const auto all = [](const config::ServerSpec& s) {
    return std::tuple(s.tcp_connections, s.tcp_per_prefix, s.tcp_prefix_v4, s.tcp_prefix_v6, s.tcp_idle);
  };
  return all(a) == all(b);
}

/// But for the certificate and its key, which are read again.
bool same_tls(const config::ServerSpec& a, const config::ServerSpec& b) {
  if (!a.tls || !b.tls) return a.tls.has_value() == b.tls.has_value();
  return values(a.tls->listen) == values(b.tls->listen) && a.tls->handshake == b.tls->handshake;
}

}  // namespace

bool same_vantage(const health::SharingSpec& a, const health::SharingSpec& b) {
  const auto own = [](const health::SharingSpec& s) {
    return std::tuple(s.name, s.listen, s.certificate, s.key, s.ca, s.period);
  };
  return own(a) == own(b);
}

std::vector<base::SocketAddress> values(const std::vector<base::Sourced<base::SocketAddress>>& addresses) {
  std::vector<base::SocketAddress> out;
  out.reserve(addresses.size());
  for (const auto& address : addresses) out.push_back(address.value);
  return out;
}

std::vector<base::SocketAddress> usable(const std::vector<base::Sourced<base::SocketAddress>>& addresses) {
  std::vector<base::SocketAddress> out;
  for (const auto& address : addresses) {
    // What nobody wrote is not asked of a system that cannot give it.
    const bool by_default = address.where.file == nullptr;
    if (by_default && address.value.address.family == base::Family::v6 && !has_ipv6()) continue;
    out.push_back(address.value);
  }
  return out;
}

std::vector<std::string> waiting_for_a_restart(const config::ServerSpec& running, const config::ServerSpec& next) {
  std::vector<std::string> out;
  const auto note = [&out](bool same, const char* key) {
    if (!same) out.emplace_back(key);
  };
  note(values(next.listen) == values(running.listen), "listen");
  note(next.threads == running.threads, "threads");
  note(next.state.value == running.state.value, "state");
  note(next.control_socket.value == running.control_socket.value, "control.socket");
  note(values(next.agent) == values(running.agent), "agent");
  note(same_connections(next, running), "tcp");
  note(same_tls(next, running), "tls");
  note(values(next.proxy.listen) == values(running.proxy.listen) && next.proxy.from == running.proxy.from, "proxy");
  return out;
}

std::vector<health::Vantage> vantages_of(const health::SharingSpec& spec, const std::string& own) {
  std::vector<health::Vantage> out;
  for (const health::VantageSpec& vantage : spec.vantages) {
    const bool is_own = vantage.name == own;
    out.insert(is_own ? out.begin() : out.end(), {vantage.name, vantage.site, vantage.region});
  }
  return out;
}

base::Duration fresh_for(const health::SharingSpec& spec) {
  return std::max<base::Duration>(std::chrono::seconds(5), 3 * spec.period);
}

}  // namespace gslb::server
