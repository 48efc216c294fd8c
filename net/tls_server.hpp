// net/tls_server.hpp: the server's side of TLS over a socket that does not block: DNS over TLS (RFC 7858, RFC 8310),
// for clients that know the server's name and for those that do not (RFC 9539).
//
//   certificate, key ─load()─► TlsServer ─TlsSession(server, fd)─► handshake(), read(), write(), until each says wait
//
// TLS 1.2 with ECDHE and AEAD, and TLS 1.3; ALPN "dot" or none; sessions resume by tickets; no renegotiation, no
// compression, no early data. Threads: a TlsServer is any's; a session belongs to one, which blocks SIGPIPE.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/source.hpp"
#include "net/ticket_keys.hpp"

struct ssl_st;
struct ssl_ctx_st;

namespace gslb::net {

class TlsServer {
 public:
  /// Reads a certificate with its chain, and its key, both PEM. `tickets` is shared by all servers that succeed each
  /// other, so that sessions resume across them.
  /// @return null if `errors` got an entry
  [[nodiscard]] static std::shared_ptr<const TlsServer> load(const base::Sourced<std::string>& certificate,
                                                             const base::Sourced<std::string>& key,
                                                             std::shared_ptr<TicketKeys> tickets,
                                                             base::ErrorList& errors);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

 private:
  friend class TlsSession;
  TlsServer(ssl_ctx_st* context, std::shared_ptr<TicketKeys> tickets)
      : context_(context), tickets_(std::move(tickets)) {}

  ssl_ctx_st* context_;
  std::shared_ptr<TicketKeys> tickets_;
};

class TlsSession {
 public:
  enum class Status : std::uint8_t {
    done,
    wait_readable,  ///< go on when the socket is readable
    wait_writable,  ///< go on when it is writable
    closed,         ///< the peer sends nothing more
    failed,         ///< the peer broke the protocol or is gone: nothing can be sent
  };
  struct Moved {
    Status status;
    std::size_t octets;  ///< 0 unless done
  };

  /// `fd` stays the caller's and outlives the session. Throws std::bad_alloc.
  TlsSession(std::shared_ptr<const TlsServer> server, int fd);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  [[nodiscard]] Status handshake() noexcept;
  /// Reads some octets into `out`, which is not empty.
  [[nodiscard]] Moved read(std::span<std::uint8_t> out) noexcept;
  /// Writes octets from the front of `octets`, which is not empty. After a wait the same octets come first.
  [[nodiscard]] Moved write(std::span<const std::uint8_t> octets) noexcept;
  /// There are octets to read that have left the socket already: it will not be reported readable for them.
  bool pending() const noexcept;
  /// Says that nothing more will be sent (close_notify), if the socket takes it at once.
  void end() noexcept;

 private:
  Status why(int result) noexcept;

  std::shared_ptr<const TlsServer> server_;  ///< whose ticket keys the handshake asks for
  ssl_st* ssl_;
  bool broken_ = false;
};

}  // namespace gslb::net
