#include "health/feeds/adapter.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace gslb::health {

std::string_view FeedAnswer::header(std::string_view name) const noexcept {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& one) { return one.first == name; });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::unique_ptr<Adapter> make_adapter(const FeedSpec& spec) {
  switch (spec.kind) {
    case FeedKind::haproxy:
      return haproxy_adapter(spec);
    case FeedKind::page:
      return page_adapter(spec);
    case FeedKind::stub_status:
      return stub_status_adapter(spec);
    case FeedKind::envoy:
      return envoy_adapter(spec);
    case FeedKind::consul:
      return consul_adapter(spec);
    case FeedKind::nacos:
      return nacos_adapter(spec);
    case FeedKind::eureka:
      return eureka_adapter(spec);
    case FeedKind::kubernetes:
      return kubernetes_adapter(spec);
    case FeedKind::etcd:
      return etcd_adapter(spec);
    case FeedKind::prometheus:
      return prometheus_adapter(spec);
    case FeedKind::agent:
      return agent_adapter(spec);
  }
  return page_adapter(spec);
}

base::Result<void> expect_success(const FeedAnswer& answer, std::string_view source) {
  if (answer.status == 200) return {};
  constexpr std::size_t longest = 120;
  std::string said = base::printable(std::string_view(answer.body).substr(0, longest));
  return base::Error{std::string(source) + " answers " + std::to_string(answer.status) +
                     (said.empty() ? "" : ": " + said)};
}

std::string url_escaped(std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
        std::string_view("-._~").find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += hex[octet >> 4];
      out += hex[octet & 15];
    }
  }
  return out;
}

}  // namespace gslb::health
