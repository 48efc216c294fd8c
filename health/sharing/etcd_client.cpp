#include "health/sharing/etcd_client.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <random>

#include "base/file.hpp"
#include "health/sharing/etcd_json.hpp"
#include "net/http_client.hpp"

namespace gslb::health {

namespace {

constexpr std::chrono::seconds patience{2};
constexpr std::chrono::seconds shortest_rest{1}, longest_rest{30};
constexpr std::size_t longest_answer = std::size_t{16} << 20;

using Answered = std::function<void(base::Result<std::string>)>;

/// A request on its way from endpoint to endpoint.
struct Call {
  std::string path, body;
  Answered done;
  std::size_t tried = 0;
  bool logs_in = false;    ///< it is a log-in itself
  bool logged_in = false;  ///< a log-in was made for it already
};

}  // namespace

struct EtcdClient::Impl {
  struct Place {
    base::SocketAddress address;
    base::SteadyTime rests_until{};
    base::Duration rest{};  ///< how long it rested last; 0 if it answers
    std::string problem;
  };

  Impl(boost::asio::io_context& c, EtcdSpec s)
      : context(c), spec(std::move(s)), random(std::random_device()()), client(c) {
    for (const base::SocketAddress& address : spec.endpoints) places.push_back({address, {}, {}, {}});
  }

  void call(std::string path, std::string body, Answered done) {
    send(std::make_shared<Call>(Call{std::move(path), std::move(body), std::move(done)}));
  }

  void send(const std::shared_ptr<Call>& call) {
    if (!spec.user.empty() && token.empty() && !call->logs_in) return log_in(call);
    const auto place = pick(call->tried);
    if (!place) return fail_later(call, "no endpoint of etcd answers: " + places[preferred].problem);
    client.send(request(*call, places[*place].address),
                [this, call, at = *place](const net::HttpResponse& response) { answered(call, at, response); });
  }

  /// The next that does not rest, from the preferred one on.
  std::optional<std::size_t> pick(std::size_t tried) const {
    if (places.empty() || tried >= places.size()) return std::nullopt;
    for (std::size_t i = 0; i < places.size(); ++i) {
      const std::size_t at = (preferred + i) % places.size();
      if (places[at].rests_until <= base::steady_now()) return at;
    }
    return std::nullopt;
  }

  net::HttpRequest request(const Call& call, const base::SocketAddress& to) const {
    net::HttpRequest out;
    out.to = to;
    out.tls = spec.tls;
    out.tls_options = {
        .sni = spec.name, .ca_file = spec.ca, .certificate = spec.certificate, .key = spec.key, .alpn = {}};
    out.host = spec.name;
    out.method = "POST";
    out.target = call.path;
    out.headers = {{"Content-Type", "application/json"}};
    if (!token.empty() && !call.logs_in) out.headers.emplace_back("Authorization", token);
    out.body = call.body;
    out.body_limit = longest_answer;
    out.deadline = base::steady_now() + patience;
    return out;
  }

  void answered(const std::shared_ptr<Call>& call, std::size_t at, const net::HttpResponse& response) {
    ++call->tried;
    const bool spoke = response.reached == net::Phase::done;
    if (!spoke || response.status >= 500) {
      let_rest(places[at], spoke ? std::to_string(response.status) + ": " + etcd::read_error(response.body)
                                 : std::string(net::to_string(response.reached)) + ": " + response.problem);
      return send(call);
    }
    places[at].rest = {};
    places[at].problem.clear();
    preferred = at;
    if (response.status == 401 && !call->logs_in && !call->logged_in) {
      token.clear();
      call->logged_in = true;
      call->tried = 0;
      return send(call);
    }
    if (response.status != 200) return call->done(base::Error{"etcd refuses: " + etcd::read_error(response.body)});
    call->done(response.body);
  }

  void let_rest(Place& place, std::string problem) {
    place.problem = base::to_string(place.address) + ": " + std::move(problem);
    place.rest = std::clamp<base::Duration>(2 * place.rest, shortest_rest, longest_rest);
    std::uniform_real_distribution<double> jitter(0.5, 1);
    place.rests_until = base::steady_now() + std::chrono::duration_cast<base::Duration>(place.rest * jitter(random));
  }

  /// One log-in for all who wait for it.
  void log_in(const std::shared_ptr<Call>& call) {
    waiting.push_back(call);
    if (waiting.size() > 1) return;
    const auto password = base::read_file(spec.password_file, 4096);
    if (!password) return end_log_in(password.error());
    auto own = std::make_shared<Call>();
    own->path = "/v3/auth/authenticate";
    own->body = etcd::login_request(spec.user, password->substr(0, password->find('\n')));
    own->logs_in = true;
    own->done = [this](const base::Result<std::string>& answer) {
      if (!answer) return end_log_in(answer.error());
      auto given = etcd::read_login(*answer);
      if (!given) return end_log_in(given.error());
      token = std::move(*given);
      for (const auto& one : std::exchange(waiting, {})) send(one);
    };
    send(own);
  }

  void end_log_in(const base::Error& error) {
    for (const auto& call : std::exchange(waiting, {})) fail_later(call, error.what);
  }

  void fail_later(const std::shared_ptr<Call>& call, std::string why) {
    boost::asio::post(context, [call, why = std::move(why), weak = std::weak_ptr<bool>(alive)] {
      if (!weak.expired()) call->done(base::Error{why});
    });
  }

  boost::asio::io_context& context;
  EtcdSpec spec;
  std::mt19937_64 random;
  std::vector<Place> places;
  std::size_t preferred = 0;
  std::string token;
  std::vector<std::shared_ptr<Call>> waiting;  ///< for a log-in that is under way
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);
  net::HttpClient client;
};

EtcdClient::EtcdClient(boost::asio::io_context& context, EtcdSpec spec)
    : impl_(std::make_unique<Impl>(context, std::move(spec))) {}
EtcdClient::~EtcdClient() = default;

void EtcdClient::put(std::string key, std::string value, std::optional<std::uint64_t> fence, Changed done) {
  impl_->call("/v3/kv/txn", etcd::change_request(key, value, fence),
              [done = std::move(done)](const base::Result<std::string>& answer) {
                done(answer ? etcd::read_change(*answer) : answer.error());
              });
}

void EtcdClient::remove(std::string key, std::optional<std::uint64_t> fence, Changed done) {
  impl_->call("/v3/kv/txn", etcd::change_request(key, std::nullopt, fence),
              [done = std::move(done)](const base::Result<std::string>& answer) {
                done(answer ? etcd::read_change(*answer) : answer.error());
              });
}

void EtcdClient::list(std::string prefix, Listed done) {
  impl_->call("/v3/kv/range", etcd::range_request(prefix),
              [done = std::move(done)](const base::Result<std::string>& answer) {
                done(answer ? etcd::read_range(*answer) : answer.error());
              });
}

void EtcdClient::is_compacted(std::uint64_t most, std::function<void(base::Result<bool>)> done) {
  list("/gslb/", [this, most, done = std::move(done)](const base::Result<Listing>& listing) {
    if (!listing) return done(listing.error());
    if (listing->revision <= most) return done(true);
    impl_->call("/v3/kv/range", etcd::old_range_request(2), [done](const base::Result<std::string>& answer) {
      if (answer) return done(false);
      if (answer.error().what.find("compacted") != std::string::npos) return done(true);
      done(answer.error());
    });
  });
}

std::vector<EtcdClient::Endpoint> EtcdClient::endpoints() const {
  std::vector<Endpoint> out;
  for (std::size_t i = 0; i < impl_->places.size(); ++i)
    out.push_back({base::to_string(impl_->places[i].address), i == impl_->preferred, impl_->places[i].problem});
  return out;
}

}  // namespace gslb::health
