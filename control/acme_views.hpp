// control/acme_views.hpp: ACME challenges as the control API speaks of them.
#pragma once

#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/clock.hpp"

namespace gslb::control {

/// A value that is set.
struct ChallengeView {
  std::string name;   ///< absolute, without final dot: "_acme-challenge.www.example.org"
  std::string value;  ///< what the CA looks for
  base::WallTime expires{};
};

struct ChallengeOrder {
  std::string name;        ///< of a service or an apex, with or without "_acme-challenge." or "*." before it
  std::string value;       ///< "" clears all values
  base::Duration lasts{};  ///< 0: clears it
};

struct ChallengeOutcome {
  std::string name;                   ///< where the record stands, as in ChallengeView
  std::vector<ChallengeView> values;  ///< all that are set there now
  std::string error;                  ///< "" unless nothing was done
  std::string hint;
};

/// Whether the name servers of the zone have a value, or have it no more.
struct ChallengeQuestion {
  std::string name;   ///< as in ChallengeOrder
  std::string value;  ///< "" stands for any
  bool present = true;
  std::vector<base::SocketAddress> servers;  ///< none: every name server of the zone, at port 53
};

struct NameServerView {
  std::string name;     ///< "ns1.example.org", or the address where nobody named it
  std::string address;  ///< "192.0.2.1:53"; "" where the name has none
  bool agrees = false;
  std::string problem;  ///< "" if it agrees
};

}  // namespace gslb::control
