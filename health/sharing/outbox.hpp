// health/sharing/outbox.hpp: carries reports to the other vantages, each over an HTTPS connection of its own, on which
// both sides show certificates.
//
// What is sent is always the newest: one that a slow peer had no time for is not made up for. A connection carries many
// reports: a handshake for each would cost more than all else.
// Threads: everything on the io_context's thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "health/sharing/sharing_spec.hpp"

namespace boost::asio {
class io_context;
}

namespace gslb::health {

class Outbox {
 public:
  /// What is known of a receiver.
  struct Receiver {
    std::string name;
    std::optional<base::SteadyTime> reached;  ///< when it last answered, be it with a refusal
    std::uint64_t sent = 0;                   ///< reports that it took
    std::uint64_t failed = 0;
    std::string problem;  ///< why it did not take the last one; "" if it did, or none was sent
  };
  struct Hooks {
    /// A receiver has taken a report of a later incarnation than ours: this one.
    std::function<void(std::uint64_t)> behind;
    /// A receiver took a report and said more than that; may be empty.
    std::function<void(const std::string& receiver, const std::string& answer)> answered = {};
  };
  Outbox(boost::asio::io_context& context, Hooks hooks);
  ~Outbox();
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  /// From now on with the certificate, to those of `spec.vantages` that have an address, but for `self`.
  void follow(const SharingSpec& spec, const std::string& self);
  /// Sends to everybody who is not busy with one before. @param urgent  to those too, as soon as they are done
  void send(std::string report, bool urgent);
  /// Something else, once, to one of them. What becomes of it is not told: who waits for it has a deadline of its own.
  void post(const std::string& receiver, std::string target, std::string body);
  /// The same to each.
  void post_all(const std::string& target, const std::string& body);
  std::vector<Receiver> receivers() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gslb::health
