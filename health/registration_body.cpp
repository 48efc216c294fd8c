#include "health/registration_body.hpp"

#include <boost/json.hpp>

namespace gslb::health {

namespace {

namespace json = boost::json;

/// What is critical for so long Consul removes by itself.
constexpr const char* removed_after = "10m";

}  // namespace

std::string registration_body(const RegistrationSpec& spec, const std::string& id) {
  json::array tags;
  for (const std::string& tag : spec.tags) tags.emplace_back(json::string(tag));
  const json::object check{{"TTL", json::string(std::to_string(spec.ttl.count()) + "s")},
                           {"Status", "passing"},
                           {"DeregisterCriticalServiceAfter", removed_after}};
  json::object service{{"ID", json::string(id)},
                       {"Name", json::string(spec.name)},
                       {"Port", spec.port},
                       {"Tags", std::move(tags)},
                       {"Check", check}};
  if (!spec.address.empty()) service["Address"] = json::string(spec.address);
  return json::serialize(service);
}

std::string beat_body(const std::string& says) {
  return json::serialize(json::object{{"Status", "passing"}, {"Output", json::string(says)}});
}

}  // namespace gslb::health
