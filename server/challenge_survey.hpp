// server/challenge_survey.hpp: asks every name server of a zone, over DNS, whether it shows an ACME challenge.
//
//   NS of the zone ─► addresses: of the zone's own records, else by the system's resolver ─► ask_server() ─► views
//
// Threads: that of the context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <vector>

#include "base/result.hpp"
#include "control/acme_views.hpp"
#include "engine/generation.hpp"

namespace gslb::server {

/// Asks each address once. `done` is called once, within some ten seconds; never if the context is stopped before. An
/// error if the name is in no zone.
void survey_challenge(boost::asio::io_context& context, const engine::SnapshotPtr& snapshot,
                      const control::ChallengeQuestion& question,
                      std::function<void(base::Result<std::vector<control::NameServerView>>)> done);

}  // namespace gslb::server
