#include "health/sharing/outbox.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "net/http_client.hpp"

namespace gslb::health {

namespace {

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

  Impl(boost::asio::io_context& context, std::function<void(std::uint64_t)> on_behind)
      : behind(std::move(on_behind)), client(context) {}

  void send_to(Peer& peer) {
    peer.busy = true;
    peer.waiting = false;
    net::HttpRequest request;
    request.to = peer.address;
    request.tls = true;
    request.tls_options = {
        .sni = peer.known.name, .ca_file = spec.ca, .certificate = spec.certificate, .key = spec.key};
    request.method = "POST";
    request.target = "/v1/report";
    request.host = peer.known.name;
    request.headers = {{"Content-Type", "application/octet-stream"}};
    request.body = latest;
    request.body_limit = 4096;
    request.deadline = base::steady_now() + std::max<base::Duration>(2 * spec.period, std::chrono::seconds(2));
    client.send(std::move(request),
                [this, name = peer.known.name](const net::HttpResponse& response) { answered(name, response); });
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
    } else {
      ++peer.known.failed;
      peer.known.problem = spoke ? std::to_string(response.status) + ": " + first_line(response.body)
                                 : std::string(net::to_string(response.reached)) + ": " + response.problem;
      if (spoke && response.status == 409) behind(incarnation_in(response));
    }
    if (peer.waiting) send_to(peer);
  }

  std::function<void(std::uint64_t)> behind;
  SharingSpec spec;
  std::map<std::string, Peer> peers;
  std::string latest;
  net::HttpClient client;  // the first to go: nothing calls back afterwards
};

Outbox::Outbox(boost::asio::io_context& context, std::function<void(std::uint64_t)> behind)
    : impl_(std::make_unique<Impl>(context, std::move(behind))) {}

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

std::vector<Outbox::Receiver> Outbox::receivers() const {
  std::vector<Receiver> out;
  for (const auto& [name, peer] : impl_->peers) out.push_back(peer.known);
  return out;
}

}  // namespace gslb::health
