// control/config_views.hpp: which configuration a server runs, and what people ask of it: to try another, to go back.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/clock.hpp"

namespace gslb::control {

/// Another configuration for the server.
struct ConfigPush {
  std::string bundle;  ///< config::to_text()
  std::string author, reason;
  std::optional<double> max_move;    ///< refuse if a larger part of a service's clients would move, 0 to 1
  bool force = false;                ///< also if a test fails or a proof is broken
  bool dry_run = false;              ///< only say what it would do
  bool share = true;                 ///< bring it to the shared store, if there is one, once it is kept
  std::chrono::milliseconds soak{};  ///< how long it is watched before it is kept; 0: kept at once
};

struct ConfigPushOutcome {
  bool ok = false;
  bool refused = false;             ///< sound, but it does what it must not: moves too many, breaks a proof or a test
  std::string errors;               ///< as `gslbctl check` prints them; "" if ok
  std::string difference;           ///< who moves, for people
  double most_moved = 0;            ///< part of a service's clients, 0 to 1
  std::string proof;                ///< what holds, for people
  std::string id;                   ///< of what was pushed
  std::uint64_t configuration = 0;  ///< the one that runs now
};

struct ConfigView {
  std::string file;  ///< the machine's own main file
  std::string hash;  ///< of what runs: the same at name servers that answer by the same configuration
  std::uint64_t configuration = 0;
  std::string pushed;  ///< id of what was pushed and runs; "" if the machine's own files do
  std::string author, reason;
  base::WallTime when{};                    ///< of the push, or of the last return to the files
  std::optional<base::Duration> soak_left;  ///< while it is on trial
  std::string last_trial;  ///< how the last one ended: "kept", "rolled back: …"; "" if there was none
  std::string last_id;     ///< of that one
  bool shared = false;     ///< others take it from a shared store once it is kept
};

}  // namespace gslb::control
