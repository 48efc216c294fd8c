// server/sharing_keeper.hpp: exchanges reports with the other vantages, on a thread of its own.
//
//   HealthService::own_report ─► write ─► Outbox ─HTTPS─► every other node
//   other vantages ─HTTPS─► Inbox ─► HealthService::report
//   RemoteProbes ─in the answer to a report─► other vantage, which probes and answers
//
// Threads: owns one. Public members are called from the control thread, changed() from any; the hooks are called on
// the thread that this owns.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "control/sharing_views.hpp"
#include "health/report.hpp"
#include "health/sharing/shared_push.hpp"
#include "health/sharing/sharing_spec.hpp"
#include "server/remote_probes.hpp"

namespace gslb::server {

class SharingKeeper {
 public:
  struct Hooks {
    /// What this vantage thinks now; who it is, which report it is and its references are filled in here.
    std::function<health::Report()> own;
    /// What another one thinks, and when that came.
    std::function<void(health::Report, base::SteadyTime)> deliver;
    /// Orders that another node has (OrderExchange::take), whom its certificate names; `done` is called once, from
    /// any thread, with what this node has then. Empty: none are taken.
    std::function<void(std::string node, std::string orders, std::function<void(base::Result<std::string>)> done)>
        orders = {};
    /// Another node wants these targets probed now; `done` is called once, from any thread. Empty: none are probed.
    std::function<void(std::vector<std::uint64_t> ids, std::function<void(std::vector<health::ProbeOutcome>)> done)>
        probe = {};
    /// A service has pushed this to another name server. Empty: none are taken.
    std::function<void(health::SharedPush)> pushed = {};
    /// Of how many references how many are reached, once a period; may be empty.
    std::function<void(unsigned all, unsigned up)> counted = {};
  };
  explicit SharingKeeper(Hooks hooks);
  ~SharingKeeper();
  SharingKeeper(const SharingKeeper&) = delete;
  SharingKeeper& operator=(const SharingKeeper&) = delete;

  /// Begins as the vantage `self`, whom `spec.vantages` has. Fails if a certificate cannot be read or an address not
  /// be bound.
  [[nodiscard]] base::Result<void> start(const health::SharingSpec& spec, const std::string& self);
  /// Other vantages and references from now on; certificates, addresses and the period stay.
  void follow(const health::SharingSpec& spec);
  /// A verdict or a count has changed: the next report goes out at once.
  void changed();
  /// Has the targets probed once by each other vantage, or by the one of this name, within `patience` after they come
  /// for it. `done` is called once, on the thread that this owns; of nobody, if there is none of that name.
  void probe(const std::string& vantage, std::vector<std::uint64_t> targets, base::Duration patience,
             RemoteProbes::Done done);
  /// Tells the other name servers, once: a service pushes again before long.
  void push(const health::SharedPush& push);
  /// Nothing is sent, taken or asked any more. What still calls changed() may do so until this is destroyed.
  void stop();
  bool running() const noexcept;
  /// What people are shown of the other vantages.
  control::SharingView view();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The host's name up to its first dot; "" if it has none.
std::string host_name();

/// The name of this vantage: `asked` (command line), else the configured one, else the host's up to its first dot.
/// Fails if `spec.vantages` has none of that name.
[[nodiscard]] base::Result<std::string> vantage_name(const health::SharingSpec& spec, const std::string& asked);

}  // namespace gslb::server
