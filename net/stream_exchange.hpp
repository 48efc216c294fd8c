// net/stream_exchange.hpp: one request and what comes back over a stream, in phases: what HTTP and plainer protocols
// have in common. For the .cpp files of this folder.
//
//   connect ─► TLS ─► send ─► read until the protocol has enough ─► ended()
//      │ fail, deadline: the phase reached, in words                  ▲
//      └──────────────────────────────────────────────────────────────┘
//
// Handlers keep it alive; after ended() or abandon() none of them does anything.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "net/endpoint.hpp"
#include "net/stream_outcome.hpp"
#include "net/tls.hpp"

namespace gslb::net {

/// What outlives one exchange where connections are used again.
struct StreamConnection {
  using TlsStream = boost::asio::ssl::stream<StreamSocket&>;
  explicit StreamConnection(boost::asio::io_context& runner) : socket(runner) {}
  /// Whether nothing has come, not even the end, since the last exchange.
  bool quiet();

  StreamSocket socket;
  std::shared_ptr<boost::asio::ssl::context> context;
  std::optional<TlsStream> tls;
  unsigned exchanges = 0;  ///< that it has carried
  std::optional<base::WallTime> certificate_end;
  base::SteadyTime keep_until{};  ///< while nobody uses it
};

class StreamExchange : public std::enable_shared_from_this<StreamExchange> {
 public:
  virtual ~StreamExchange() = default;
  StreamExchange(const StreamExchange&) = delete;
  StreamExchange& operator=(const StreamExchange&) = delete;

  /// Ends without ended().
  void abandon();

 protected:
  struct Settings {
    base::SocketAddress to;
    std::string unix_path;  ///< if not empty, instead of `to`
    bool tls = false;
    TlsClientOptions tls_options;
    bool reset_on_close = false;  ///< no TIME_WAIT, and nothing that is under way still arrives
    base::SteadyTime deadline{};
    std::optional<base::SteadyTime> connect_deadline;
  };
  enum class Wants { more, nothing };

  StreamExchange(boost::asio::io_context& context, Settings settings);

  /// Begins, with a connection that stands or a new one.
  void start(TlsContexts& contexts, std::string octets, std::unique_ptr<StreamConnection> standing = nullptr);
  /// Sends more while what comes is read; "" sends nothing.
  void say(const std::string& octets);
  void fail(std::string problem);
  void fail_later(Phase phase, std::string problem);
  void succeed();
  StreamOutcome& outcome() noexcept { return outcome_; }
  void enter(Phase phase);
  /// The connection as it is now, for another exchange.
  std::unique_ptr<StreamConnection> release() { return std::move(connection_); }
  const StreamConnection* connection() const noexcept { return connection_.get(); }

 private:
  /// After connecting and TLS: whether there is anything to read once `octets` are out. Not asked if there are none.
  virtual bool reads() const { return true; }
  virtual std::span<char> room() = 0;
  /// Takes what came; calls succeed() or fail() if it is over.
  virtual Wants received(const boost::system::error_code& error, std::size_t size) = 0;
  /// A connection that had been used before failed before a single octet came: try with a fresh one?
  virtual bool may_retry() const { return false; }
  /// It is over, and the connection will be closed unless it is release()d now.
  virtual void settle() {}
  /// The last thing to happen; may destroy everything.
  virtual void ended() = 0;

  void open();
  bool prepare_tls();
  void connected();
  void write();
  void read();
  void arm(base::SteadyTime deadline);
  void time_out();
  void finish();
  void close();

  boost::asio::io_context& context_;
  Settings settings_;
  TlsContexts* contexts_ = nullptr;
  std::unique_ptr<StreamConnection> connection_;
  SteadyTimer timer_;
  std::string octets_;
  std::string said_;  ///< what waits until `octets_` are out
  bool saying_ = false;
  StreamOutcome outcome_;
  base::SteadyTime started_{};
  base::SteadyTime entered_{};  ///< the present phase
  bool over_ = false;
};

}  // namespace gslb::net
