#include "server/sharing_keeper.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <random>
#include <thread>

#include "base/log.hpp"
#include "health/order_file.hpp"
#include "health/sharing/inbox.hpp"
#include "health/sharing/outbox.hpp"
#include "health/sharing/references.hpp"
#include "health/sharing/report_codec.hpp"
#include "health/sharing/send_clock.hpp"
#include "net/http_server.hpp"

namespace gslb::server {

namespace asio = boost::asio;

namespace {

/// Another vantage or a reference counts as reachable for so long after it was heard of.
constexpr std::chrono::seconds fresh{5};

std::uint64_t start_time() {
  const auto since = base::wall_now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
}

std::vector<std::string> others(const health::SharingSpec& spec, const std::string& self) {
  std::vector<std::string> out;
  for (const health::VantageSpec& vantage : spec.vantages)
    if (vantage.name != self) out.push_back(vantage.name);
  return out;
}

std::optional<base::Duration> ago(const std::optional<base::SteadyTime>& then, base::SteadyTime now) {
  if (!then) return std::nullopt;
  return std::max(base::Duration{}, now - *then);
}

bool is_fresh(const std::optional<base::SteadyTime>& then, base::SteadyTime now) { return then && now - *then < fresh; }

unsigned status_of(health::Inbox::Outcome outcome) {
  using Outcome = health::Inbox::Outcome;
  switch (outcome) {
    case Outcome::taken:
      return 204;
    case Outcome::foreign:
      return 403;
    case Outcome::malformed:
    case Outcome::ahead:
      return 400;
    case Outcome::old:
      return 409;
  }
  return 500;
}

constexpr const char* no_name_server = "the certificate is not that of one other name server";

bool is_name_server(const health::VantageSpec* vantage) { return vantage != nullptr && vantage->address; }

net::ServerResponse text_response(unsigned status, const std::string& text) {
  return {.status = status, .content_type = "text/plain", .body = text.empty() ? "" : text + "\n", .headers = {}};
}

}  // namespace

struct SharingKeeper::Impl {
  explicit Impl(Hooks h) : hooks(std::move(h)) {}

  base::Result<void> start(const health::SharingSpec& first, const std::string& name) {
    spec = first;
    self = name;
    const auto own = std::ranges::find(spec.vantages, self, &health::VantageSpec::name);
    site = own->site;
    std::vector<base::SocketAddress> listen = spec.listen;
    if (listen.empty() && own->address) listen.push_back(*own->address);
    const net::HttpServerLimits limits{.body_octets = hooks.orders ? health::longest_orders : health::longest_report,
                                       .connections = static_cast<unsigned>(4 * spec.vantages.size() + 16),
                                       .read_timeout = std::chrono::seconds(30)};
    server = std::make_unique<net::HttpServer>(
        context,
        [this](const net::ServerRequest& request, const net::HttpServer::Reply& reply) {
          if (request.target == "/v1/orders" && hooks.orders) return take_orders(request, reply);
          if (request.target == "/v1/probed") return reply(take_probed(request));
          if (request.target == "/v1/push" && hooks.pushed) return reply(take_push(request));
          reply(take_report(request));
        },
        limits);
    const net::MutualTls files{spec.certificate, spec.key, spec.ca};
    for (const base::SocketAddress& address : listen)
      if (auto bound = server->listen_tls(address, files); !bound) return bound.error();
    outbox = std::make_unique<health::Outbox>(
        context, health::Outbox::Hooks{[this](std::uint64_t known) { overtake(known); },
                                       [this](const std::string& node, const std::string& asks) { obey(node, asks); }});
    references = std::make_unique<health::References>(context);
    std::random_device random;
    clock = health::SendClock(spec.period, random(), base::steady_now());
    apply();
    wait();
    thread = std::thread([this] { context.run(); });
    running = true;
    return {};
  }

  void apply() {
    inbox.follow(others(spec, self));
    outbox->follow(spec, self);
    references->follow(spec.references);
  }

  void wait() {
    timer.expires_at(std::chrono::time_point_cast<asio::steady_timer::duration>(clock.next()));
    timer.async_wait([this](const boost::system::error_code& error) {
      if (!error) send();
    });
  }

  void send() {
    const base::SteadyTime now = base::steady_now();
    clock.sent(now);
    const bool is_urgent = std::exchange(urgent, false);
    health::Report report = hooks.own();
    report.vantage = self;
    report.incarnation = incarnation;
    report.sequence = ++sequence;
    count_references(report, now);
    if (hooks.counted) hooks.counted(report.references, report.references_up);
    if (report.shared.size() > health::most_shared) report.shared.resize(health::most_shared);
    auto octets = health::write_report(report);
    if (octets) {
      size = octets->size();
      outbox->send(std::move(*octets), is_urgent);
    } else if (octets.error().what != last_error) {
      last_error = octets.error().what;
      base::log_error("no report can be sent: " + last_error);
    }
    wait();
  }

  /// Other vantages that answer or send, and the references of the operator.
  void count_references(health::Report& report, base::SteadyTime now) const {
    const auto receivers = outbox->receivers();
    for (const auto& [name, sender] : inbox.senders()) {
      const auto receiver = std::ranges::find(receivers, name, &health::Outbox::Receiver::name);
      ++report.references;
      if (is_fresh(sender.heard, now) || (receiver != receivers.end() && is_fresh(receiver->reached, now)))
        ++report.references_up;
    }
    for (const auto& reference : references->states()) {
      ++report.references;
      if (is_fresh(reference.reached, now)) ++report.references_up;
    }
  }

  /// The vantage that the certificate is of; null if it is of none, or of several.
  const health::VantageSpec* sender_of(const net::ServerRequest& request) const {
    const health::VantageSpec* out = nullptr;
    for (const health::VantageSpec& vantage : spec.vantages) {
      if (vantage.name == self || std::ranges::find(request.peer, vantage.name) == request.peer.end()) continue;
      if (out != nullptr) return nullptr;
      out = &vantage;
    }
    return out;
  }

  void take_orders(const net::ServerRequest& request, const net::HttpServer::Reply& reply) {
    if (request.method != "POST") return reply(text_response(405, "orders are sent with POST"));
    const health::VantageSpec* node = sender_of(request);
    if (!is_name_server(node)) return reply(text_response(403, no_name_server));
    hooks.orders(node->name, request.body, [this, reply](const base::Result<std::string>& orders) {
      asio::post(context, [reply, orders] {
        if (!orders) return reply(text_response(400, orders.error().what));
        reply({.status = 200, .content_type = "application/json", .body = *orders, .headers = {}});
      });
    });
  }

  net::ServerResponse take_report(const net::ServerRequest& request) {
    if (request.target != "/v1/report")
      return text_response(404, "there are only /v1/report, /v1/orders, /v1/probed and /v1/push");
    if (request.method != "POST") return text_response(405, "reports are sent with POST");
    const base::SteadyTime now = base::steady_now();
    auto taken = inbox.take(request.peer, request.body, base::wall_now(), now);
    net::ServerResponse response = text_response(status_of(taken.outcome), taken.problem);
    if (taken.report) {
      const auto asks = remote.asks_of(taken.report->vantage);
      if (!asks.empty())
        response = {.status = 200, .content_type = "application/json", .body = health::to_text(asks), .headers = {}};
      hooks.deliver(std::move(*taken.report), now);
    } else {
      if (taken.outcome == health::Inbox::Outcome::old)
        response.headers.emplace_back("gslb-incarnation", std::to_string(taken.incarnation));
      warn("a report was refused: " + taken.problem);
    }
    return response;
  }

  net::ServerResponse take_push(const net::ServerRequest& request) {
    if (request.method != "POST") return text_response(405, "pushes are told with POST");
    if (!is_name_server(sender_of(request))) return text_response(403, no_name_server);
    auto push = health::parse_shared_push(request.body);
    if (!push) return text_response(400, push.error().what);
    hooks.pushed(*std::move(push));
    return text_response(204, "");
  }

  net::ServerResponse take_probed(const net::ServerRequest& request) {
    if (request.method != "POST") return text_response(405, "outcomes are sent with POST");
    const health::VantageSpec* vantage = sender_of(request);
    if (vantage == nullptr) return text_response(403, "the certificate is not that of one other vantage");
    auto answer = health::parse_probe_answer(request.body);
    if (!answer) return text_response(400, answer.error().what);
    remote.answered(vantage->name, *std::move(answer));
    return text_response(204, "");
  }

  /// A node that took our report wants probes.
  void obey(const std::string& node, const std::string& text) {
    const auto asks = health::parse_probe_asks(text);
    if (!asks) return warn(node + " asks for probes, but " + asks.error().what);
    for (const health::ProbeAsk& ask : *asks) {
      if (!hooks.probe || probing >= health::most_asks) return;
      ++probing;
      hooks.probe(ask.targets, [this, node, id = ask.id](std::vector<health::ProbeOutcome> outcomes) {
        asio::post(context, [this, node, answer = health::ProbeAnswer{id, std::move(outcomes)}] {
          --probing;
          outbox->post(node, "/v1/probed", health::to_text(answer));
        });
      });
    }
  }

  /// Our clock was set back, or we started twice within a millisecond: others know a later start of ours.
  void overtake(std::uint64_t known) {
    if (known < incarnation) return;
    const auto most =
        start_time() + static_cast<std::uint64_t>(std::chrono::milliseconds(health::Inbox::most_ahead).count());
    if (known >= most) return;
    incarnation = known + 1;
    base::log_warning("another vantage knows a later start of this one; the clock was set back", {{"vantage", self}});
  }

  void warn(const std::string& what) {
    const base::SteadyTime now = base::steady_now();
    if (now < next_warning) return;
    next_warning = now + std::chrono::minutes(1);
    base::log_warning(what);
  }

  control::SharingView view() const {
    const base::SteadyTime now = base::steady_now();
    control::SharingView out{self, site, sequence, size, inbox.foreign(), {}, {}};
    const auto receivers = outbox->receivers();
    for (const health::VantageSpec& vantage : spec.vantages) {
      if (vantage.name == self) continue;
      control::PeerView& peer = out.peers.emplace_back();
      peer.name = vantage.name;
      peer.site = vantage.site;
      if (const auto sender = inbox.senders().find(vantage.name); sender != inbox.senders().end()) {
        peer.heard = ago(sender->second.heard, now);
        peer.taken = sender->second.taken;
        peer.refused = sender->second.refused;
        peer.refusal = sender->second.problem;
      }
      const auto receiver = std::ranges::find(receivers, vantage.name, &health::Outbox::Receiver::name);
      if (receiver == receivers.end()) continue;
      peer.receives = true;
      peer.reached = ago(receiver->reached, now);
      peer.sent = receiver->sent;
      peer.failed = receiver->failed;
      peer.failure = receiver->problem;
    }
    for (const auto& reference : references->states())
      out.references.push_back({base::to_string(reference.address), ago(reference.reached, now), reference.problem});
    return out;
  }

  /// Runs `work` on the thread and waits for its result.
  template <class Work>
  auto ask(Work work) {
    std::packaged_task<decltype(work())()> task(std::move(work));
    auto result = task.get_future();
    asio::post(context, std::ref(task));
    return result.get();
  }

  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard{context.get_executor()};
  Hooks hooks;
  health::SharingSpec spec;
  std::string self, site;
  std::uint64_t incarnation = start_time();
  std::uint64_t sequence = 0;
  std::size_t size = 0;
  std::size_t probing = 0;  ///< questions of others that are under way
  bool urgent = false;
  std::string last_error;
  base::SteadyTime next_warning{};
  asio::steady_timer timer{context};
  health::SendClock clock{std::chrono::seconds(1), 0, {}};
  health::Inbox inbox;
  RemoteProbes remote{context};
  std::unique_ptr<health::References> references;
  std::unique_ptr<health::Outbox> outbox;
  std::unique_ptr<net::HttpServer> server;
  std::atomic<bool> running{false};
  std::atomic<bool> told{false};  ///< a change has been posted that was not taken up yet
  std::thread thread;
};

SharingKeeper::SharingKeeper(Hooks hooks) : impl_(std::make_unique<Impl>(std::move(hooks))) {}

SharingKeeper::~SharingKeeper() { stop(); }

void SharingKeeper::stop() {
  impl_->running = false;
  impl_->context.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
}

base::Result<void> SharingKeeper::start(const health::SharingSpec& spec, const std::string& self) {
  return impl_->start(spec, self);
}

void SharingKeeper::follow(const health::SharingSpec& spec) {
  if (!running()) return;
  impl_->ask([this, &spec] {
    impl_->spec.vantages = spec.vantages;
    impl_->spec.references = spec.references;
    impl_->apply();
  });
}

void SharingKeeper::changed() {
  if (!running() || impl_->told.exchange(true)) return;
  asio::post(impl_->context, [impl = impl_.get()] {
    impl->told = false;
    impl->urgent = true;
    impl->clock.changed(base::steady_now());
    impl->wait();
  });
}

void SharingKeeper::probe(const std::string& vantage, std::vector<std::uint64_t> targets, base::Duration patience,
                          RemoteProbes::Done done) {
  if (!running()) return done({});
  asio::post(impl_->context,
             [impl = impl_.get(), vantage, targets = std::move(targets), patience, done = std::move(done)]() mutable {
               std::vector<std::string> whom = others(impl->spec, impl->self);
               if (!vantage.empty()) std::erase_if(whom, [&](const std::string& name) { return name != vantage; });
               impl->remote.ask(whom, std::move(targets), impl->spec.period + patience, std::move(done));
             });
}

void SharingKeeper::push(const health::SharedPush& push) {
  if (!running()) return;
  asio::post(impl_->context, [impl = impl_.get(), push] { impl->outbox->post_all("/v1/push", health::to_text(push)); });
}

bool SharingKeeper::running() const noexcept { return impl_->running; }

control::SharingView SharingKeeper::view() {
  if (!running()) return {};
  return impl_->ask([this] { return impl_->view(); });
}

std::string host_name() {
  char host[256] = {};
  if (::gethostname(host, sizeof host - 1) != 0) return {};
  const std::string name(host);
  return name.substr(0, name.find('.'));
}

base::Result<std::string> vantage_name(const health::SharingSpec& spec, const std::string& asked) {
  std::string name = asked.empty() ? spec.name : asked;
  if (name.empty()) name = host_name();
  std::string known;
  for (const health::VantageSpec& vantage : spec.vantages) {
    if (vantage.name == name) return name;
    known.append(known.empty() ? "" : ", ").append(vantage.name);
  }
  return base::Error{"this vantage is called " + name + ", which is none of `vantages`: " + known +
                     "; set vantage.name, or --vantage"};
}

}  // namespace gslb::server
