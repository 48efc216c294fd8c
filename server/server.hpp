// server/server.hpp: the running server: the only place that knows every part.
//
//   main (control) thread: signals, control API, start and end      builder: load, compile, write state, free
//   health thread: probes, plans ──Generation──► datagram workers, stream workers
//
// Threads: run() takes over the calling one, which is the control thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/address.hpp"

namespace gslb::server {

struct ServerOptions {
  std::string config_path;
  std::vector<base::SocketAddress> listen;  ///< instead of the configuration's, if not empty
  unsigned threads = 0;                     ///< instead of the configuration's, if not 0
  std::string vantage;                      ///< instead of the configuration's, if not empty
};

class Server {
 public:
  explicit Server(ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Loads, waits for verdicts, serves until SIGTERM or SIGINT.
  /// @return the exit code: 0 after an orderly end, 1 if something could not be opened, 4 if the configuration is
  /// invalid
  int run();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gslb::server
