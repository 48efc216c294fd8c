#include "health/sharing/outbox.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "health/sharing/peer_request.hpp"
#include "health/sharing/probe_asks.hpp"

namespace gslb::health {

namespace {

/// A fresh connection now and then: certificates are replaced.
constexpr std::chrono::minutes lives_at_most{10};
constexpr std::chrono::seconds rests_at_most{20};

std::uint64_t incarnation_in(const net::HttpResponse& response) {
  std::uint64_t out = 0;
  for (const auto& [name, value] : response.headers)
    if (name == "gslb-incarnation") std::from_chars(value.data(), value.data() + value.size(), out);
  return out;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

struct Outbox::Impl {
  struct Peer {
    Receiver known;
    base::SocketAddress address;
    bool busy = false;
    bool waiting = false;  ///< an urgent report came while it was busy
  };

  Impl(boost::asio::io_context& context, Hooks h) : hooks(std::move(h)), client(context) {}

  void send_to(Peer& peer) {
    peer.busy = true;
    peer.waiting = false;
    net::HttpRequest request = request_to(peer, "/v1/report", latest);
    request.reuse = static_cast<unsigned>(std::max<std::int64_t>(lives_at_most / spec.period, 1));
    request.reuse_name = peer.known.name;
    request.keep = rests_at_most;
    client.send(std::move(request),
                [this, name = peer.known.name](const net::HttpResponse& response) { answered(name, response); });
  }

  net::HttpRequest request_to(const Peer& peer, std::string target, std::string body) const {
    net::HttpRequest out = peer_request(spec, peer.known.name, peer.address, std::move(target), std::move(body));
    out.headers = {{"Content-Type", "application/octet-stream"}};
    out.body_limit = longest_asks;
    out.deadline = base::steady_now() + std::max<base::Duration>(2 * spec.period, std::chrono::seconds(2));
    return out;
  }

  void answered(const std::string& name, const net::HttpResponse& response) {
    const auto found = peers.find(name);
    if (found == peers.end()) return;
    Peer& peer = found->second;
    peer.busy = false;
    const bool spoke = response.reached == net::Phase::done;
    if (spoke) peer.known.reached = base::steady_now();
    if (spoke && response.status / 100 == 2) {
      ++peer.known.sent;
      peer.known.problem.clear();
      if (hooks.answered && !response.body.empty()) hooks.answered(name, response.body);
    } else {
      ++peer.known.failed;
      peer.known.problem = spoke ? std::to_string(response.status) + ": " + first_line(response.body)
                                 : std::string(net::to_string(response.reached)) + ": " + response.problem;
      if (spoke && response.status == 409) hooks.behind(incarnation_in(response));
    }
    if (peer.waiting) send_to(peer);
  }

  Hooks hooks;
  SharingSpec spec;
  std::map<std::string, Peer> peers;
  std::string latest;
  net::HttpClient client;  // the first to go: nothing calls back afterwards
};

Outbox::Outbox(boost::asio::io_context& context, Hooks hooks)
    : impl_(std::make_unique<Impl>(context, std::move(hooks))) {}

Outbox::~Outbox() = default;

void Outbox::follow(const SharingSpec& spec, const std::string& self) {
  impl_->spec = spec;
  decltype(impl_->peers) next;
  for (const VantageSpec& vantage : spec.vantages) {
    if (!vantage.address || vantage.name == self) continue;
    Impl::Peer& peer = next[vantage.name];
    if (const auto before = impl_->peers.find(vantage.name); before != impl_->peers.end()) peer = before->second;
    peer.known.name = vantage.name;
    peer.address = *vantage.address;
  }
  impl_->peers = std::move(next);
}

void Outbox::send(std::string report, bool urgent) {
  impl_->latest = std::move(report);
  for (auto& [name, peer] : impl_->peers) {
    if (peer.busy) {
      peer.waiting = peer.waiting || urgent;
    } else {
      impl_->send_to(peer);
    }
  }
}

void Outbox::post(const std::string& receiver, std::string target, std::string body) {
  const auto peer = impl_->peers.find(receiver);
  if (peer == impl_->peers.end()) return;
  impl_->client.send(impl_->request_to(peer->second, std::move(target), std::move(body)), [](const auto&) {});
}

void Outbox::post_all(const std::string& target, const std::string& body) {
  for (const auto& [name, peer] : impl_->peers) post(name, target, body);
}

std::vector<Outbox::Receiver> Outbox::receivers() const {
  std::vector<Receiver> out;
  for (const auto& [name, peer] : impl_->peers) out.push_back(peer.known);
  return out;
}

}  // namespace gslb::health
