#include "health/probes/probe.hpp"

namespace gslb::health {

std::unique_ptr<Probe> start_probe(ProbeTools& tools, const Target& target, Probe::Done done) {
  switch (target.monitor.kind) {
    case ProbeKind::http:
    case ProbeKind::https:
    case ProbeKind::push:  // nobody asks
      break;
    case ProbeKind::grpc:
    case ProbeKind::grpcs:
      return start_grpc_probe(tools, target, std::move(done));
    case ProbeKind::tcp:
    case ProbeKind::tls:
      return start_dialogue_probe(tools, target, std::move(done));
    case ProbeKind::icmp:
      return start_icmp_probe(tools, target, std::move(done));
    case ProbeKind::dns:
      return start_dns_probe(tools, target, std::move(done));
    case ProbeKind::command:
      return start_command_probe(tools, target, std::move(done));
  }
  return start_http_probe(tools, target, std::move(done));
}

}  // namespace gslb::health
