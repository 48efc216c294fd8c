// health/probes/grpc_health.hpp: the one call of grpc.health.v1.Health that a probe makes, as octets. Pure.
//
// A message goes behind one octet (not compressed) and its length in four. HealthCheckRequest has a text in field 1,
// HealthCheckResponse a number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace gslb::health {

inline constexpr std::string_view grpc_check = "/grpc.health.v1.Health/Check";

/// @param service  "": the server as a whole
std::string grpc_request(std::string_view service);

/// HealthCheckResponse.ServingStatus; others are as `unknown`.
enum class Serving : std::uint8_t { unknown = 0, serving = 1, not_serving = 2, service_unknown = 3 };
/// Fails if it is not one whole uncompressed message.
[[nodiscard]] base::Result<Serving> read_grpc_answer(std::string_view body);

/// "not found" of 5; "status 77" of one that has no name.
std::string grpc_status_name(unsigned status);

}  // namespace gslb::health
