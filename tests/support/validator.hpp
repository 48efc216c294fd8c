// tests/support/validator.hpp: what a validating resolver makes of a reply: signatures checked by ldns, denial of
// existence by the rules of RFC 4035 section 5.4 and RFC 6840 section 4, written here anew.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/support/test_server.hpp"

namespace gslb::test {

class Validator {
 public:
  /// @param dnskeys  RDATA of the zone's keys  @param now  seconds of Unix time
  Validator(const std::string& apex, const std::vector<std::vector<std::uint8_t>>& dnskeys, std::int64_t now);
  /// One more signed zone. What is below none of them is taken for unsigned.
  void add_zone(const std::string& apex, const std::vector<std::vector<std::uint8_t>>& dnskeys);
  ~Validator();
  Validator(const Validator&) = delete;
  Validator& operator=(const Validator&) = delete;

  /// Why a resolver would call the reply to this question bogus; "" if it would not. SERVFAIL and REFUSED prove nothing
  /// and are "" too. @return the first thing that is wrong
  std::string why_bogus(const Reply& reply, const std::string& qname, unsigned qtype) const;

 private:
  /// The zone that a name is in; "" for none of them.
  std::string zone_of(const std::string& name) const;

  std::vector<std::string> apexes_;
  ldns_rr_list* keys_;
  std::int64_t now_;
  mutable std::set<std::string> verified_;  ///< RRsets with a signature that is good: a test asks for some very often
};

}  // namespace gslb::test
