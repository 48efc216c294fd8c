// tests/health/etcd_cluster.hpp: real etcd on loopback, for one test.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "health/sharing/etcd_client.hpp"

namespace gslb::health {

/// Members whose data is in a temporary folder; all ends with this.
class EtcdCluster {
 public:
  /// @param tls  with a certificate for www.example.org and 127.0.0.1
  explicit EtcdCluster(unsigned members, bool tls = false);
  ~EtcdCluster();
  EtcdCluster(const EtcdCluster&) = delete;

  /// Starts a member, and does not wait for it.
  void start(unsigned member);
  void kill(unsigned member);
  void pause(unsigned member, bool paused) const;
  /// The data of a member that is killed: forgotten, put aside, or put back.
  void wipe(unsigned member) const;
  void keep_copy(unsigned member) const;
  void put_back(unsigned member) const;
  /// What a client needs to be told.
  EtcdSpec spec() const;
  /// A request to the gateway beside the client. @return status and body
  std::pair<unsigned, std::string> post(const std::string& path, const std::string& body) const;
  std::string folder() const { return folder_.string(); }

 private:
  struct Member {
    pid_t process = 0;
    std::uint16_t client = 0, peer = 0;
  };
  std::string data(unsigned member) const { return (folder_ / std::to_string(member)).string(); }

  std::filesystem::path folder_;
  bool tls_;
  std::vector<Member> members_;
};

}  // namespace gslb::health
