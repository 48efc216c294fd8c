// health/sharing/etcd_json.hpp: the JSON that etcd's gateway speaks (API v3). Pure.
//
// Keys and values are base64, numbers of 64 bits are strings, and what is zero, false or empty is left out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "health/sharing/shared_store.hpp"

namespace gslb::health::etcd {

std::string range_request(const std::string& prefix);
/// A range of one key at an old revision: fails once that has been compacted.
std::string old_range_request(std::uint64_t revision);
/// @param value  none: removes the key
std::string change_request(const std::string& key, const std::optional<std::string>& value,
                           std::optional<std::uint64_t> fence);
std::string login_request(const std::string& user, const std::string& password);

[[nodiscard]] base::Result<Listing> read_range(std::string_view text);
/// The revision after the change; fails if the fence did not hold.
[[nodiscard]] base::Result<std::uint64_t> read_change(std::string_view text);
[[nodiscard]] base::Result<std::string> read_login(std::string_view text);
/// What an answer that is no success says.
std::string read_error(std::string_view text);

std::string to_base64(std::string_view octets);
std::optional<std::string> from_base64(std::string_view text);

}  // namespace gslb::health::etcd
