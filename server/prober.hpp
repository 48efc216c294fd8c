// server/prober.hpp: a vantage without DNS: it reads the configuration of the name servers, probes what they probe, and
// reports to all of them.
//
// Threads: control (signals, control socket, files, hosts), health (probes), and that of SharingKeeper.
#pragma once

#include <memory>
#include <string>

namespace gslb::server {

struct ProberOptions {
  std::string config_path;
  std::string vantage;  ///< "": the configuration's, or the host's name
};

class Prober {
 public:
  explicit Prober(ProberOptions options);
  ~Prober();
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;

  /// Runs until SIGTERM or SIGINT. @return the exit code: 4 for a configuration with mistakes
  int run();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gslb::server
