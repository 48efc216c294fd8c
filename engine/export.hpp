// engine/export.hpp: a zone of a generation as a master file; steered names as a static choice.
//
// Threads: the builder's, since a large zone takes seconds and the store is its.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "base/result.hpp"
#include "engine/generation.hpp"
#include "zones/signature_store.hpp"
#include "zones/signing_clock.hpp"

namespace gslb::engine {

/// A generation in which every target is up: what a configuration means without a server that probes.
[[nodiscard]] GenerationPtr as_if_all_up(SnapshotPtr snapshot);

struct ExportOptions {
  std::string_view apex;  ///< with or without its final dot
  /// Steered names as this client would get them now. Without it, with every endpoint that some client gets while all
  /// are up: what stands by for a failure is not among them.
  std::optional<base::IpAddress> client;
  zones::ClockReading clock;  ///< a signed zone may need signatures for its steered names
};

/// @return the text; an error that names the zones there are, or the service that has no answer for the client, or says
/// that the zone's keys are still to come
[[nodiscard]] base::Result<std::string> export_zone(const Generation& generation, const ExportOptions& options,
                                                    zones::SignatureStore& store);

}  // namespace gslb::engine
