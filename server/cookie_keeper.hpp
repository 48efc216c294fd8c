// server/cookie_keeper.hpp: the cookie secrets of a server whose operator named none.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "dns/cookie.hpp"

namespace gslb::server {

/// The secrets kept in `state_directory`, so that clients keep their cookies over a restart; new ones where there are
/// none. A secret that is 14 days old gives way to a new one and is accepted for another 14 (RFC 7873 section 7.1 wants
/// less than 36). Without a directory they last as long as the process. Builder thread, or at start.
dns::CookieSecrets keep_cookie_secrets(const std::string& state_directory, base::WallTime now);

}  // namespace gslb::server
