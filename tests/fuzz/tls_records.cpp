// A TLS session step by step: a client writes, its octets come in pieces, some are damaged or are not TLS at all. What
// is read must be a beginning of what was written, all of it as long as nothing was damaged, and nothing after a
// failure.
#include <csignal>

#include "tests/net/tls_client.hpp"

using namespace gslb::net;
using Status = TlsSession::Status;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

struct World {
  World() { std::signal(SIGPIPE, SIG_IGN); }
  SelfSigned own;
  std::shared_ptr<const TlsServer> server = own.load(std::make_shared<TicketKeys>());
};

/// Reads until the session waits. @return false once it has ended
bool read_all(TlsSession& session, std::string& got) {
  std::array<std::uint8_t, 64> buffer;
  for (;;) {
    const auto moved = session.read(buffer);
    if (moved.status == Status::done) {
      require(moved.octets > 0 && moved.octets <= buffer.size());
      got.append(buffer.begin(), buffer.begin() + moved.octets);
      continue;
    }
    require(moved.octets == 0);
    if (moved.status == Status::wait_readable || moved.status == Status::wait_writable) return true;
    require(session.read(buffer).status != Status::done);
    return false;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  if (size == 0) return 0;
  TlsClient client(world.server, {.version = (data[0] & 1) != 0 ? TLS1_2_VERSION : TLS1_3_VERSION});
  bool damaged = false;
  if ((data[0] & 2) != 0) {
    // The handshake itself is what the input says.
    client.deliver({reinterpret_cast<const char*>(data) + 1, size - 1});
    const Status status = client.session->handshake();
    require(status != Status::done);
    return 0;
  }
  require(client.handshake((data[0] >> 2) + 1U) == Status::done);
  std::string written;
  std::string got;
  std::string wire;
  bool open = true;
  for (std::size_t at = 1; open && at + 1 < size && at < 400; at += 2) {
    const std::size_t amount = data[at + 1];
    switch (data[at] % 8) {
      default:  // a record of so many octets
        if (amount == 0) break;
        SSL_write(client.ssl, data, static_cast<int>(std::min(amount, size)));
        written.append(reinterpret_cast<const char*>(data), std::min(amount, size));
        break;
      case 4:  // a new key for what follows (TLS 1.3)
        if ((data[0] & 1) == 0)
          SSL_key_update(client.ssl, (amount & 1) != 0 ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED);
        break;
      case 5:  // an octet changes on its way
        wire += client.to_send();
        if (wire.empty()) break;
        wire[amount % wire.size()] = static_cast<char>(wire[amount % wire.size()] ^ 0x20);
        damaged = true;
        break;
      case 6:  // what is not TLS
        wire += client.to_send() + std::string(amount, static_cast<char>(data[at]));
        damaged = damaged || amount > 0;
        break;
      case 7: {  // so many octets arrive
        wire += client.to_send();
        const std::size_t part = std::min(amount, wire.size());
        client.deliver(std::string_view(wire).substr(0, part));
        wire.erase(0, part);
        open = read_all(*client.session, got);
        client.collect();
        break;
      }
    }
    require(written.starts_with(got));
    require(open || damaged);
  }
  wire += client.to_send();
  client.deliver(wire);
  if (open) read_all(*client.session, got);
  require(written.starts_with(got) && (damaged || got == written));
  return 0;
}
