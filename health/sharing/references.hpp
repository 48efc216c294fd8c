// health/sharing/references.hpp: whether places that have nothing to do with the sites can be reached from here: a
// vantage that reaches none of them is cut off itself, and no witness.
//
// A reference is a TCP port that accepts connections; it is tried every two seconds and given one.
// Threads: everything on the io_context's thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/clock.hpp"

namespace boost::asio {
class io_context;
}

namespace gslb::health {

class References {
 public:
  struct State {
    base::SocketAddress address;
    std::optional<base::SteadyTime> reached;  ///< when it last accepted
    std::string problem;                      ///< of the last try; "" if it accepted
  };
  explicit References(boost::asio::io_context& context);
  ~References();
  References(const References&) = delete;
  References& operator=(const References&) = delete;

  /// Tries these from now on; those that stay keep their state.
  void follow(const std::vector<base::SocketAddress>& addresses);
  const std::vector<State>& states() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gslb::health
