// engine/judging.hpp: what the judge of health has to know of a configuration, and one number for all that is answered.
//
// Pure. Threads: any.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/generation.hpp"
#include "health/judge_spec.hpp"

namespace gslb::engine {

/// In the order of the snapshot's targets. A target in several services has the longest hold of them, and else the
/// guards of the first that writes them.
/// @param vantages  this server's own is the first; none: there is no other
health::JudgeSpec judge_spec(const Snapshot& snapshot, std::vector<health::Vantage> vantages = {});

/// A hash of the effective weights of all members of all services: servers that judge alike have the same. Motion is
/// not in it.
std::uint64_t weights_hash(const Generation& generation) noexcept;

}  // namespace gslb::engine
