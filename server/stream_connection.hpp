// server/stream_connection.hpp: one TCP or TLS connection: what it holds between two turns of its worker. Small while
// idle: buffers to read into and to gather replies in are the worker's.
//
//   header (behind a proxy) ─► handshake (TLS) ─► open ─► ended
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "dns/framing.hpp"
#include "engine/query_handler.hpp"
#include "net/tls_server.hpp"
#include "server/connection_table.hpp"
#include "server/socket.hpp"

namespace gslb::server {

/// What poll events lead to.
struct Watched {
  enum class Kind : std::uint8_t { listener, connection };
  explicit Watched(Kind k) noexcept : kind(k) {}
  Kind kind;
};

enum class Phase : std::uint8_t { header, handshake, open };

struct StreamConnection : Watched {
  using Status = net::TlsSession::Status;
  using Moved = net::TlsSession::Moved;

  StreamConnection(Descriptor fd, const base::SocketAddress& peer, base::SteadyTime now)
      : Watched(Kind::connection), socket(std::move(fd)), client{peer.address, peer.port}, since(now) {}

  /// From the peer, through TLS where there is TLS.
  [[nodiscard]] Moved read(std::span<std::uint8_t> out) noexcept;
  /// Sends `octets` behind what is unsent. What the socket does not take is kept.
  /// @return done, a wait, or failed
  [[nodiscard]] Status send(std::span<const std::uint8_t> octets);
  /// Sends on with what is unsent. As send().
  [[nodiscard]] Status flush() noexcept;
  /// There are octets to read that have left the socket already.
  bool pending() const noexcept { return tls && tls->pending(); }

  Descriptor socket;
  std::unique_ptr<net::TlsSession> tls;  ///< destroyed before the socket is closed
  engine::Client client;
  base::SteadyTime since;  ///< its last complete query; before that, since when it is open or, until then, accepted
  Phase phase = Phase::open;
  bool secure = false;         ///< TLS
  bool queued = false;         ///< due for another turn though its socket may say nothing
  std::uint32_t interest = 0;  ///< what is asked of epoll
  ConnectionTable::Handle place;
  std::list<StreamConnection>::iterator self;
  dns::Framing framing;
  std::vector<std::uint8_t> unsent;
  std::size_t sent = 0;  ///< of `unsent`

 private:
  Moved write(std::span<const std::uint8_t> octets) noexcept;
};

}  // namespace gslb::server
