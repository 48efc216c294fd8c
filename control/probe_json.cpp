#include "control/probe_json.hpp"

#include "control/json_parts.hpp"

namespace gslb::control {

std::string to_json(const std::vector<ProbeView>& probes) {
  json::array list;
  bool all = true;
  for (const ProbeView& probe : probes) {
    all = all && probe.ok;
    list.emplace_back(json::object{{"vantage", utf8(probe.vantage)},
                                   {"address", utf8(probe.address)},
                                   {"monitor", utf8(probe.monitor)},
                                   {"ok", probe.ok},
                                   {"voided", probe.voided},
                                   {"phase", utf8(probe.phase)},
                                   {"detail", utf8(probe.detail)},
                                   {"latency", seconds(probe.latency)}});
  }
  return line({{"ok", all}, {"probes", std::move(list)}});
}

base::Result<std::vector<ProbeView>> probes_from_json(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return object.error();
  std::vector<ProbeView> out;
  Reader(*object).each("probes", [&out](const Reader& in) {
    ProbeView& probe = out.emplace_back();
    in.read("vantage", probe.vantage);
    in.read("address", probe.address);
    in.read("monitor", probe.monitor);
    in.read("ok", probe.ok);
    in.read("voided", probe.voided);
    in.read("phase", probe.phase);
    in.read("detail", probe.detail);
    in.read("latency", probe.latency);
  });
  return out;
}

}  // namespace gslb::control
