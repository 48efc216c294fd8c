#include "server/descriptor_limit.hpp"

#include <sys/resource.h>

#include <algorithm>

#include "base/log.hpp"

namespace gslb::server {

unsigned connections_within(unsigned long limit, unsigned wanted, unsigned others) noexcept {
  if (limit <= others) return 1;
  return static_cast<unsigned>(std::clamp<unsigned long>(limit - others, 1, std::max(1U, wanted)));
}

unsigned raise_descriptor_limit(unsigned wanted, unsigned others) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  const rlim_t needed = static_cast<rlim_t>(wanted) + others;
  if (limit.rlim_cur >= needed) return wanted;
  rlimit more{needed, std::max(needed, limit.rlim_max)};
  if (::setrlimit(RLIMIT_NOFILE, &more) == 0) return wanted;
  more = {std::min(needed, limit.rlim_max), limit.rlim_max};  // beyond the hard limit only root may go
  if (::setrlimit(RLIMIT_NOFILE, &more) == 0) limit = more;
  const unsigned granted = connections_within(limit.rlim_cur, wanted, others);
  if (granted < wanted) {
    base::log_warning("fewer TCP connections than tcp.connections: the system grants too few open files (LimitNOFILE=)",
                      {{"connections", granted}, {"wanted", wanted}, {"open_files", limit.rlim_cur}});
  }
  return granted;
}

}  // namespace gslb::server
