// health/sharing/etcd_check.hpp: what an operator should know of a store before a server depends on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "health/sharing/etcd_client.hpp"

namespace gslb::health {

/// That it never compacts, or that it cannot be asked; nothing if all is well. Waits for it, a few seconds at most.
/// @param young  see EtcdClient::is_compacted
std::optional<std::string> store_warning(const EtcdSpec& spec, std::uint64_t young = EtcdClient::young);

}  // namespace gslb::health
