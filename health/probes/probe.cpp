#include "health/probes/probe.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace gslb::health {
namespace {

/// A message of the system as the middle of a sentence: "connection refused".
std::string in_words(int error) {
  std::string text = std::generic_category().message(error);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

bool is_own_shortage(std::string_view problem) {
  static const std::array shortages{in_words(EMFILE), in_words(ENFILE), in_words(ENOBUFS), in_words(ENOMEM),
                                    in_words(EADDRNOTAVAIL)};
  return std::find(shortages.begin(), shortages.end(), problem) != shortages.end();
}

}  // namespace

std::unique_ptr<Probe> start_probe(boost::asio::io_context& context, net::HttpClient& http, const Target& target,
                                   Probe::Done done) {
  if (target.monitor.kind == ProbeKind::tcp) return start_tcp_probe(context, target, std::move(done));
  return start_http_probe(http, target, std::move(done));
}

Observation connect_failure(std::string_view problem) {
  return {.voided = is_own_shortage(problem), .phase = Phase::connect, .detail = "connect: " + std::string(problem)};
}

}  // namespace gslb::health
