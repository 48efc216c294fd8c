// server/target_desk.hpp: what people and services want of single targets now: a probe, or to be told how one is.
//
// Threads: control.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "control/probe_json.hpp"
#include "health/push.hpp"
#include "server/health_service.hpp"
#include "server/sharing_keeper.hpp"

namespace gslb::server {

class TargetDesk {
 public:
  TargetDesk(boost::asio::io_context& control, HealthService& health, SharingKeeper& sharing)
      : context_(control), health_(health), sharing_(sharing) {}

  /// @param self  this vantage's name; "" while it judges alone
  /// @param from  "all", "here", or the name of a vantage
  /// @param done  called on the control thread
  void probe_now(const std::string& target, const std::string& from, const std::string& self,
                 std::function<void(base::Result<std::vector<control::ProbeView>>)> done);
  /// @return the keys of the targets that it counts for
  base::Result<std::vector<std::string>> push(const std::string& target, const std::string& monitor,
                                              const health::Push& push);

 private:
  boost::asio::io_context& context_;
  HealthService& health_;
  SharingKeeper& sharing_;
};

}  // namespace gslb::server
