// server/views.hpp: what people are shown, made from what the threads know.
#pragma once

#include <vector>

#include "control/instance.hpp"
#include "engine/counters.hpp"
#include "health/feeds/feed_reader.hpp"
#include "server/health_service.hpp"

namespace gslb::server {

/// What health and configuration say of the server; what only the process knows is left empty. `counters` are those of
/// all workers.
control::StatusView view_status(const HealthView& health, const std::vector<const engine::Counters*>& counters);

/// Every service with its endpoints, their verdicts and weights, and why a weight is not the configured one.
std::vector<control::ServiceView> view_services(const HealthView& health);

/// Every site with its endpoints; `counters` are those of all workers.
std::vector<control::SiteView> view_sites(const HealthView& health,
                                          const std::vector<const engine::Counters*>& counters);

/// Every feed of the configuration; `read` are those that are read here.
std::vector<control::FeedView> view_feeds(const HealthView& health, const std::vector<health::FeedState>& read);

}  // namespace gslb::server
