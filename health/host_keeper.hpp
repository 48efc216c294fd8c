// health/host_keeper.hpp: keeps the addresses of hosts up to date; the I/O around HostCore.
//
//   names ──► HostKeeper ──questions──► recursive resolvers
//                │ answers ──► HostCore ──► addresses in use ──► listener
//
// Threads: everything on the io_context's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"
#include "health/host_addresses.hpp"

namespace boost::asio {
class io_context;
}

namespace gslb::health {

/// What a person sees of a host.
struct HostView {
  std::string name;
  std::vector<base::IpAddress> addresses;
  std::string problem;  ///< why the last question found nothing; "" if it did
};

class HostKeeper {
 public:
  /// Called when addresses in use have changed.
  using Changed = std::function<void()>;
  HostKeeper(boost::asio::io_context& context, Changed changed);
  ~HostKeeper();
  HostKeeper(const HostKeeper&) = delete;
  HostKeeper& operator=(const HostKeeper&) = delete;

  /// Replaces the list of hosts and of resolvers. Hosts that stay keep their addresses; new ones are asked for at once.
  /// @param servers  empty: those of the system
  void follow(const std::vector<std::string>& hosts, const std::vector<base::SocketAddress>& servers);
  HostAddresses addresses() const;
  std::vector<HostView> view() const;
  /// Every host has addresses or has been asked for once.
  bool settled() const noexcept;

  /// The addresses in use as text for the state file, and back: they are used until resolvers say otherwise. What is
  /// restored is for the hosts of the next follow().
  std::string state() const;
  [[nodiscard]] base::Result<void> restore(std::string_view state);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gslb::health
