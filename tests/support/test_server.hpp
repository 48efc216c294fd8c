// tests/support/test_server.hpp: a whole server without sockets: YAML in, queries in wire form in, replies decoded by
// ldns out.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/compile.hpp"
#include "engine/planner.hpp"
#include "engine/query_handler.hpp"

// Last, and cleaned up after: it makes macros of bool, true and false.
#include <ldns/ldns.h>
#undef bool
#undef true
#undef false

namespace gslb::test {

/// A reply as ldns reads it.
class Reply {
 public:
  explicit Reply(std::vector<std::uint8_t> octets);
  bool sent() const { return !octets_.empty(); }
  std::size_t size() const { return octets_.size(); }
  const std::vector<std::uint8_t>& octets() const { return octets_; }

  unsigned rcode() const;  ///< with the upper bits of the OPT record
  bool authoritative() const { return ldns_pkt_aa(packet_.get()); }
  bool truncated() const { return ldns_pkt_tc(packet_.get()); }
  /// Records as "owner TTL TYPE rdata", owner and rdata as ldns prints them, in the order of the message.
  std::vector<std::string> answer() const { return section(LDNS_SECTION_ANSWER); }
  std::vector<std::string> authority() const { return section(LDNS_SECTION_AUTHORITY); }
  std::vector<std::string> additional() const;  ///< without OPT
  std::string question() const;
  bool has_edns() const;
  /// The client subnet option: "family/source/scope", or "".
  std::string subnet() const;
  std::optional<unsigned> extended_error() const;
  /// The data of the first option with this code; nothing if there is none.
  std::optional<std::vector<std::uint8_t>> option(unsigned code) const;

 private:
  struct Free {
    void operator()(ldns_pkt* packet) const { ldns_pkt_free(packet); }
  };
  std::vector<std::string> section(ldns_pkt_section section) const;
  std::vector<std::uint8_t> octets_;
  std::unique_ptr<ldns_pkt, Free> packet_;
};

/// What a test asks. Sent as it is: no field is checked.
struct Ask {
  std::string name;
  unsigned type = 1;
  std::string client = "192.0.2.1";
  std::string subnet;  ///< "198.51.100.0/24"; "" sends no option
  bool edns = true;
  unsigned payload = 1232;
  bool dnssec_ok = false;
  engine::Transport transport = engine::Transport::datagram;
  unsigned qclass = 1;
  std::vector<std::pair<unsigned, std::vector<std::uint8_t>>> options =
      {};  ///< EDNS options beside the subnet: code, data
};

std::vector<std::uint8_t> query_wire(const Ask& ask);

class TestServer {
 public:
  /// Fails the test and ends the program if the configuration is not valid: a test of errors is elsewhere.
  explicit TestServer(const std::string& yaml, const engine::CompileOptions& options = {});

  Reply ask(const Ask& ask);
  Reply ask(const std::string& name, unsigned type) {
    Ask what;
    what.name = name;
    what.type = type;
    return this->ask(what);
  }
  Reply ask_wire(const std::vector<std::uint8_t>& wire, const std::string& client = "192.0.2.1",
                 engine::Transport transport = engine::Transport::datagram);

  /// When the next queries come. Until this is called each comes a second after the one before.
  void set_now(engine::Instant now) {
    now_ = now;
    clock_runs_ = false;
  }

  /// Sets the verdict of every target with this address and publishes the plans that follow.
  void set(const std::string& address, health::Verdict verdict);
  /// From the next publish() on these are obeyed.
  void obey(const std::vector<health::Order>& orders, base::SteadyTime now = begin, base::WallTime wall = {}) {
    planner_->obey(orders, wall, now);
  }
  /// Tells the server what resolvers say of its hosts; every target is up then.
  void resolve(const health::HostAddresses& hosts, zones::SignatureStore* store = nullptr, std::int64_t now = 0);
  /// Publishes a copy of the present snapshot in which `change` has replaced parts, as server/republisher.hpp does.
  template <class Change>
  void change(Change change) {
    auto next = std::make_shared<engine::Snapshot>(*snapshot_);
    change(*next);
    snapshot_ = std::move(next);
    planner_->rebase(snapshot_);
    publish();
  }
  std::vector<health::TargetState>& states() { return states_; }
  /// When health is looked at, unless said otherwise.
  static constexpr base::SteadyTime begin = base::SteadyTime{} + std::chrono::hours(1);
  void publish(base::SteadyTime now = begin);

  engine::QueryHandler& handler() { return handler_; }
  const engine::Counters& counters() const { return counters_; }
  const engine::Generation& generation() const { return *generation_; }
  engine::GenerationPtr shared_generation() const { return generation_; }

 private:
  engine::SnapshotPtr snapshot_;
  std::unique_ptr<engine::Planner> planner_;
  std::vector<health::TargetState> states_;
  std::shared_ptr<engine::Generation> generation_;
  engine::Instant now_{1'700'000'000, 1};
  bool clock_runs_ = true;
  engine::Counters counters_;
  engine::QueryHandler handler_{1, counters_};
};

}  // namespace gslb::test
