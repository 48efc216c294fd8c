// control/prove_view.hpp: a proof as a person reads it: a line for each kind of check, then what is broken, each with
// its smallest example and where it is written.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "engine/prove.hpp"

namespace gslb::control {

/// "`nearest` changes nothing: …"
std::string words_of(const engine::Notice& notice);
std::string render_proof(const engine::Proof& proof, base::Duration took);

}  // namespace gslb::control
