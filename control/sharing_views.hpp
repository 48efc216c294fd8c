// control/sharing_views.hpp: what people are shown of the vantages that exchange reports.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace gslb::control {

/// Another vantage, as seen from here.
struct PeerView {
  std::string name;
  std::string site;                     ///< "": at none
  std::optional<base::Duration> heard;  ///< how long ago its last report came
  std::uint64_t taken = 0, refused = 0;
  std::string refusal;                    ///< why its last report was refused; "" if it was taken
  bool receives = false;                  ///< it takes reports
  std::optional<base::Duration> reached;  ///< how long ago it last answered
  std::uint64_t sent = 0, failed = 0;
  std::string failure;  ///< why it did not take ours; "" if it did
};

struct ReferenceView {
  std::string address;
  std::optional<base::Duration> reached;
  std::string problem;
};

/// The store that all nodes share.
struct StoreView {
  struct Endpoint {
    std::string address;
    bool preferred = false;
    std::string problem;
  };
  std::vector<Endpoint> endpoints;  ///< empty: there is no store
  std::optional<base::Duration> read;
  std::uint64_t revision = 0;
  std::string problem;  ///< why it cannot be read, or is not believed; ""
};

/// Another name server, as it says of itself in its reports or in the store.
struct NodeView {
  std::string name;
  std::uint64_t generation = 0;
  bool silent = false;             ///< it was not heard of for minutes
  bool same_configuration = true;  ///< as this one's, but for what is of the machine
  bool same_weights = true;
};

struct SharingView {
  std::string name;  ///< of this vantage; "" if it is the only one
  std::string site;
  std::uint64_t sequence = 0;  ///< of the last report sent
  std::size_t octets = 0;      ///< of the last report sent
  std::uint64_t foreign = 0;   ///< reports refused because no vantage sent them
  std::vector<PeerView> peers;
  std::vector<ReferenceView> references;
};

}  // namespace gslb::control
