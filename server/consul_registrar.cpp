#include "server/consul_registrar.hpp"

#include <utility>

#include "base/file.hpp"
#include "base/log.hpp"
#include "health/registration_body.hpp"

namespace gslb::server {

namespace {

constexpr std::chrono::seconds patience{2}, at_the_end{1};

}  // namespace

std::string ConsulRegistrar::id() const { return spec_->id.empty() ? spec_->name + "-" + machine_ : spec_->id; }

net::HttpRequest ConsulRegistrar::request(const std::string& target, std::string body) const {
  net::HttpRequest out;
  out.to = spec_->to;
  out.tls = spec_->tls;
  out.tls_options.sni = spec_->host;
  out.tls_options.ca_file = spec_->ca;
  out.host = spec_->host;
  out.method = "PUT";
  out.target = target;
  out.body = std::move(body);
  out.headers.emplace_back("Content-Type", "application/json");
  if (!spec_->token_file.empty()) {
    const auto token = base::read_file(spec_->token_file, 16384);
    if (token) out.headers.emplace_back("X-Consul-Token", token->substr(0, token->find_first_of("\r\n")));
  }
  out.deadline = base::steady_now() + patience;
  return out;
}

void ConsulRegistrar::follow(const std::optional<health::RegistrationSpec>& spec) {
  if (spec == spec_) return;
  end();
  timer_.cancel();
  if (under_way_) client_.cancel(*std::exchange(under_way_, std::nullopt));
  spec_ = spec;
  problem_.clear();
  if (spec_) enroll();
}

void ConsulRegistrar::send(const std::string& target, std::string body,
                           void (ConsulRegistrar::*then)(const net::HttpResponse&)) {
  under_way_ = client_.send(request(target, std::move(body)), [this, then](const net::HttpResponse& response) {
    under_way_.reset();
    (this->*then)(response);
  });
}

void ConsulRegistrar::enroll() {
  send("/v1/agent/service/register", health::registration_body(*spec_, id()), &ConsulRegistrar::enrolled);
}

void ConsulRegistrar::enrolled(const net::HttpResponse& response) {
  registered_ = well(response);
  if (registered_) return beat();
  again_in(spec_->ttl / 3);
}

void ConsulRegistrar::beat() {
  send("/v1/agent/check/update/service:" + id(), health::beat_body(says_()), &ConsulRegistrar::beaten);
}

void ConsulRegistrar::beaten(const net::HttpResponse& response) {
  // An agent that was restarted without its memory knows the service no more.
  registered_ = response.status != 404;
  if (registered_) well(response);
  again_in(spec_->ttl / 3);
}

void ConsulRegistrar::again_in(base::Duration pause) {
  timer_.expires_after(pause);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    registered_ ? beat() : enroll();
  });
}

bool ConsulRegistrar::well(const net::HttpResponse& response) {
  const bool good = response.reached == net::Phase::done && response.status == 200;
  std::string problem;
  if (!good) {
    problem = "Consul does not take the registration: ";
    if (response.reached == net::Phase::done)
      problem += std::to_string(response.status) + " " + response.body.substr(0, response.body.find('\n'));
    else
      problem += std::string(net::to_string(response.reached)) + ": " + response.problem;
  }
  if (problem != problem_) {
    if (good) base::log_info("Consul takes the registration");
    if (!good) base::log_warning(problem);
  }
  problem_ = std::move(problem);
  return good;
}

void ConsulRegistrar::end() {
  if (!spec_ || !registered_) return;
  registered_ = false;
  net::HttpRequest last = request("/v1/agent/service/deregister/" + id(), "");
  last.deadline = base::steady_now() + at_the_end;
  const net::HttpResponse response = net::http_request_blocking(std::move(last));
  if (response.reached != net::Phase::done || response.status != 200)
    base::log_warning("Consul still has the registration: it is critical when its TTL is over");
}

}  // namespace gslb::server
