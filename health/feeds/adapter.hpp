// health/feeds/adapter.hpp: how one kind of balancer or registry is asked, and what its answer means. Pure: an adapter
// says what to send and reads what came; feed_reader.hpp sends, waits and backs off.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "health/feeds/feed_spec.hpp"
#include "health/feeds/reading.hpp"

namespace gslb::health {

/// HTTP, or for a plain feed something else: octets that are said as soon as the connection stands; all that comes
/// until `until`, or until the other side closes, is the answer's body.
struct FeedRequest {
  std::string method = "GET";
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string say;
  std::string_view until = "\n\n";
  /// How long the source may hold the answer back because nothing has changed.
  base::Duration waits{};
};

struct FeedAnswer {
  unsigned status = 0;                                       ///< 0: it was not HTTP
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string body;

  /// "" if it is not there. @param name  in lower case
  std::string_view header(std::string_view name) const noexcept;
};

class Adapter {
 public:
  virtual ~Adapter() = default;
  /// What to send next.
  /// @param secret  what the feed's file of that name holds; "": none
  virtual FeedRequest ask(std::string_view secret) = 0;
  /// What an answer says. An error says why nothing can be known from it: the last reading stays until it is too old.
  [[nodiscard]] virtual base::Result<FeedReading> read(const FeedAnswer& answer) = 0;
  /// No answer came.
  virtual void lost() {}
  /// Of the last answer that was read, by name; empty where the source does not tell.
  const std::vector<Member>& members() const noexcept { return members_; }

 protected:
  std::vector<Member> members_;
};

std::unique_ptr<Adapter> make_adapter(const FeedSpec& spec);

// One for each kind.
std::unique_ptr<Adapter> haproxy_adapter(const FeedSpec& spec);
std::unique_ptr<Adapter> page_adapter(const FeedSpec& spec);
std::unique_ptr<Adapter> stub_status_adapter(const FeedSpec& spec);
std::unique_ptr<Adapter> envoy_adapter(const FeedSpec& spec);
std::unique_ptr<Adapter> consul_adapter(const FeedSpec& spec);
std::unique_ptr<Adapter> nacos_adapter(const FeedSpec& spec);
std::unique_ptr<Adapter> eureka_adapter(const FeedSpec& spec);
std::unique_ptr<Adapter> kubernetes_adapter(const FeedSpec& spec);
std::unique_ptr<Adapter> etcd_adapter(const FeedSpec& spec);
std::unique_ptr<Adapter> prometheus_adapter(const FeedSpec& spec);
std::unique_ptr<Adapter> agent_adapter(const FeedSpec& spec);

/// Of HTTP answers: an error for a status other than 200, with what the source says of it.
base::Result<void> expect_success(const FeedAnswer& answer, std::string_view source);
/// `text` as a part of a URL's query or path.
std::string url_escaped(std::string_view text);

}  // namespace gslb::health
