// net/dialogue.hpp: connects, shakes hands, says something and listens until it has heard enough: what plain TCP and
// TLS are probed with. OpenSSL and Asio stay in dialogue.cpp. All calls and the callback are on the io_context's
// thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "net/http_client.hpp"

namespace gslb::net {

struct DialogueRequest {
  base::SocketAddress to;
  std::string unix_path;  ///< if not empty, instead of `to`
  bool tls = false;
  TlsClientOptions tls_options;
  std::string say;                               ///< "" says nothing
  std::function<bool(std::string_view)> enough;  ///< of all that came so far; empty: nothing is awaited
  std::size_t limit = 65536;                     ///< octets that are listened to at most
  base::SteadyTime deadline{};
  std::optional<base::SteadyTime> connect_deadline;  ///< until the connection stands
};

struct DialogueResult : StreamOutcome {
  std::string heard;
};

/// Starts dialogues, each over a connection of its own that is closed with a reset. TLS contexts are shared.
class DialogueClient {
 public:
  using Done = std::function<void(DialogueResult)>;
  /// Destroying it ends the dialogue without calling back.
  class Running {
   public:
    virtual ~Running() = default;
  };

  explicit DialogueClient(boost::asio::io_context& context);
  ~DialogueClient();
  DialogueClient(const DialogueClient&) = delete;
  DialogueClient& operator=(const DialogueClient&) = delete;

  /// `done` is called once, later, never from inside this call. It may destroy what is returned.
  [[nodiscard]] std::unique_ptr<Running> start(DialogueRequest request, Done done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gslb::net
