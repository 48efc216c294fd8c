// server/key_orders.hpp: what people order of the keys of a zone: new ones, others' ones, and what they know of the
// parent. Everything else follows from the schedule.
//
// Threads: the builder's.
#pragma once

#include "control/key_views.hpp"
#include "server/kept_keys.hpp"

namespace gslb::server {

/// Does what is ordered and steps the schedule, or says why not. Refused where another node is the maker.
control::KeyOutcome carry_out(const control::KeyOrder& order, KeptKeys& keys, dns::UnixTime now);

}  // namespace gslb::server
