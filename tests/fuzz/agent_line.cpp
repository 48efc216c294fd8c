// Any octets as what an agent-check asks: one line back, of words that HAProxy knows, or a remark.
#include <cstdint>
#include <cstdlib>

#include "control/agent.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gslb::control;
  static const std::vector<ServiceView> services = [] {
    ServiceView www{
        .name = "www.gslb.example.org", .policy = "near", .mode = "serving normally", .held = "", .endpoints = {}};
    for (const char* site : {"fra", "iad"}) {
      EndpointView& one = www.endpoints.emplace_back();
      one.address = "192.0.2.1";
      one.site = site;
      one.weight = one.configured = 1;
    }
    return std::vector<ServiceView>{www};
  }();
  const std::string said = agent_answer({reinterpret_cast<const char*>(data), size}, services, {}, {});
  if (said.empty() || said.find('\n') != said.size() - 1) std::abort();
  if (!said.starts_with("# ") && !said.starts_with("ready") && said != "drain\n") std::abort();
  return 0;
}
