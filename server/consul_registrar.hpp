// server/consul_registrar.hpp: registers this server at the machine's Consul agent while it serves, tells its TTL check
// that it lives, and takes it away at the end.
//
//   serving ─► PUT register ─► PUT check/update, three times a TTL ─► PUT deregister
//                 ▲──────────── 404: the agent was restarted
//
// Nothing that is answered waits for it. Threads: the control thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <optional>
#include <string>

#include "health/registration_spec.hpp"
#include "net/http_client.hpp"

namespace gslb::server {

class ConsulRegistrar {
 public:
  /// @param says  what the check's output is
  ConsulRegistrar(boost::asio::io_context& control, std::string machine, std::function<std::string()> says)
      : machine_(std::move(machine)), says_(std::move(says)), timer_(control), client_(control) {}

  /// Registers as `spec` says from now on; what was registered otherwise is taken away. Again after a reload.
  void follow(const std::optional<health::RegistrationSpec>& spec);
  /// Takes it away, and waits for that, at most a second.
  void end();
  /// What the operator should know; "" while all is well.
  const std::string& problem() const noexcept { return problem_; }

 private:
  net::HttpRequest request(const std::string& target, std::string body) const;
  std::string id() const;
  /// One request at a time, of the present `spec_`.
  void send(const std::string& target, std::string body, void (ConsulRegistrar::*then)(const net::HttpResponse&));
  void enroll();
  void enrolled(const net::HttpResponse& response);
  void beat();
  void beaten(const net::HttpResponse& response);
  void again_in(base::Duration pause);
  bool well(const net::HttpResponse& response);

  std::string machine_;
  std::function<std::string()> says_;
  std::optional<health::RegistrationSpec> spec_;
  bool registered_ = false;
  std::optional<std::uint64_t> under_way_;
  std::string problem_;
  boost::asio::steady_timer timer_;
  net::HttpClient client_;  // the first to go: nothing calls back afterwards
};

}  // namespace gslb::server
