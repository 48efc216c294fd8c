// server/key_sightings.hpp: what the other name servers of a zone, and those of its parent, were last seen to say of
// its keys.
//
// Answers are kept as they came: which of our keys they speak of depends on the files that we have by then.
// Threads: the builder's. Asks nobody.
#pragma once

#include <string>
#include <vector>

#include "base/address.hpp"
#include "dns/key_file.hpp"
#include "dns/key_schedule.hpp"
#include "server/dns_asker.hpp"
#include "zones/dnssec_spec.hpp"
#include "zones/zone_keys.hpp"

namespace gslb::server {

class KeySightings {
 public:
  /// Whom to ask from now on. What was seen of servers that are asked on stays known.
  void watch(const zones::DnssecSpec& spec);

  /// What a name server of the zone answered for DNSKEY and for SOA.
  void saw_server(const base::SocketAddress& address, const std::vector<Answered>& dnskey,
                  const std::vector<Answered>& soa);
  /// What a name server of the parent answered for DS.
  void saw_parent(const base::SocketAddress& address, const std::vector<Answered>& ds);
  /// It did not answer, or wrongly. What it said before still counts.
  void saw_nothing(const base::SocketAddress& address);

  /// Everybody was asked at least once, so that silence is silence.
  bool asked_all() const;

  /// In the schedule's words. The first server is this node, whose zone is signed with `live`; null: not at all.
  dns::Observations of(const dns::Name& apex, const std::vector<dns::KeyFile>& files,
                       const zones::ZoneKeysPtr& live) const;

 private:
  using Rdata = std::vector<std::uint8_t>;
  struct Server {
    base::SocketAddress address;
    bool asked = false;
    bool answered = false;
    std::vector<Rdata> dnskeys;
    std::vector<std::uint16_t> signers;
  };
  struct Parent {
    base::SocketAddress address;
    bool asked = false;
    bool answered = false;
    std::vector<Rdata> ds;
    std::uint32_t ttl = 0;
  };

  std::vector<Server> servers_;
  std::vector<Parent> parents_;
};

}  // namespace gslb::server
