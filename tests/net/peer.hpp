// tests/net/peer.hpp: the other end of a connection, played by a thread that does as the test says.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/address.hpp"

using SSL = struct ssl_st;

namespace gslb::net {

/// An accepted connection, blocking; closed at the end of its life.
class Connection {
 public:
  explicit Connection(int descriptor) : descriptor_(descriptor) {}
  Connection(Connection&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Connection(const Connection&) = delete;
  ~Connection();
  int descriptor() const { return descriptor_; }
  void write(std::string_view octets) const;
  /// Reads until `end` has come, or the other side closed.
  std::string read_until(std::string_view end) const;
  /// Waits until the other side closes.
  void await_close() const;
  /// Closes so that the other side's next operation fails with a reset.
  void reset();

 private:
  int descriptor_;
};

/// Listens on loopback and hands each connection, one after another, to `play`.
class Peer {
 public:
  using Play = std::function<void(Connection&)>;
  explicit Peer(Play play, const char* address = "127.0.0.1");
  ~Peer();
  base::SocketAddress address() const { return address_; }

 private:
  void run();
  Play play_;
  int listener_;
  base::SocketAddress address_;
  std::jthread thread_;
};

/// What a Peer plays to speak TLS: shakes hands with the given certificate, then calls `play` with the session. Without
/// `close_notify` the connection ends as if cut.
Peer::Play over_tls(const std::string& certificate, const std::string& key, std::function<void(SSL*)> play,
                    bool close_notify = true);

}  // namespace gslb::net
