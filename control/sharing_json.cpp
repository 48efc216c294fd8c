#include "control/sharing_json.hpp"

#include "base/text.hpp"
#include "control/table.hpp"

namespace gslb::control {

namespace {

json::value age(const std::optional<base::Duration>& duration) {
  if (!duration) return nullptr;
  return std::chrono::duration<double>(*duration).count();
}

void read_age(const Reader& in, const char* name, std::optional<base::Duration>& out) {
  std::optional<double> count;
  in.read(name, count);
  if (count && std::abs(*count) < 1e9)
    out = std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(*count));
}

/// How long ago, and the tone of it: what is older than a few periods is not counted on any more.
Cell age_cell(const std::optional<base::Duration>& duration) {
  if (!duration) return {"never", Tone::bad};
  return {base::human_duration(*duration) + " ago", *duration < std::chrono::seconds(5) ? Tone::good : Tone::bad};
}

std::string problem_of(const PeerView& peer) {
  if (!peer.failure.empty()) return "does not take ours: " + peer.failure;
  if (!peer.refusal.empty()) return "refused: " + peer.refusal;
  return "";
}

}  // namespace

json::object sharing_object(const SharingView& sharing) {
  json::array peers;
  for (const PeerView& peer : sharing.peers) {
    peers.emplace_back(json::object{{"name", utf8(peer.name)},
                                    {"site", utf8(peer.site)},
                                    {"heard", age(peer.heard)},
                                    {"taken", peer.taken},
                                    {"refused", peer.refused},
                                    {"refusal", utf8(peer.refusal)},
                                    {"receives", peer.receives},
                                    {"reached", age(peer.reached)},
                                    {"sent", peer.sent},
                                    {"failed", peer.failed},
                                    {"failure", utf8(peer.failure)}});
  }
  json::array references;
  for (const ReferenceView& reference : sharing.references)
    references.emplace_back(json::object{{"address", utf8(reference.address)},
                                         {"reached", age(reference.reached)},
                                         {"problem", utf8(reference.problem)}});
  return {{"name", utf8(sharing.name)},         {"site", utf8(sharing.site)}, {"sequence", sharing.sequence},
          {"octets", sharing.octets},           {"foreign", sharing.foreign}, {"peers", std::move(peers)},
          {"references", std::move(references)}};
}

void read_sharing(const Reader& in, SharingView& out) {
  in.read("name", out.name);
  in.read("site", out.site);
  in.read("sequence", out.sequence);
  in.read("octets", out.octets);
  in.read("foreign", out.foreign);
  in.each("peers", [&out](const Reader& peer) {
    PeerView& view = out.peers.emplace_back();
    peer.read("name", view.name);
    peer.read("site", view.site);
    read_age(peer, "heard", view.heard);
    peer.read("taken", view.taken);
    peer.read("refused", view.refused);
    peer.read("refusal", view.refusal);
    peer.read("receives", view.receives);
    read_age(peer, "reached", view.reached);
    peer.read("sent", view.sent);
    peer.read("failed", view.failed);
    peer.read("failure", view.failure);
  });
  in.each("references", [&out](const Reader& reference) {
    ReferenceView& view = out.references.emplace_back();
    reference.read("address", view.address);
    read_age(reference, "reached", view.reached);
    reference.read("problem", view.problem);
  });
}

std::string render_sharing(const SharingView& sharing, bool color) {
  if (sharing.name.empty()) return "";
  std::string out = "vantage " + base::printable(sharing.name) +
                    (sharing.site.empty() ? "" : " at " + base::printable(sharing.site)) + "   report " +
                    std::to_string(sharing.sequence) + ", " + base::with_thousands(sharing.octets) + " octets\n";
  if (sharing.foreign != 0)
    out += colored(base::with_thousands(sharing.foreign) + " reports were refused: no vantage sent them", Tone::bad,
                   color) +
           "\n";
  if (!sharing.peers.empty()) {
    Table table({{"vantage"}, {"site"}, {"heard"}, {"reached"}, {"taken", true}, {"sent", true}, {"problem"}});
    for (const PeerView& peer : sharing.peers)
      table.add({{peer.name},
                 {peer.site.empty() ? "-" : peer.site},
                 age_cell(peer.heard),
                 peer.receives ? age_cell(peer.reached) : Cell{"-"},
                 {base::with_thousands(peer.taken)},
                 {peer.receives ? base::with_thousands(peer.sent) : "-"},
                 {problem_of(peer), Tone::bad}});
    out += table.render(color);
  }
  if (!sharing.references.empty()) {
    Table table({{"reference"}, {"reached"}, {"problem"}});
    for (const ReferenceView& reference : sharing.references)
      table.add({{reference.address}, age_cell(reference.reached), {reference.problem, Tone::bad}});
    out += table.render(color);
  }
  return out;
}

json::object store_object(const StoreView& store) {
  json::array endpoints;
  for (const auto& endpoint : store.endpoints)
    endpoints.emplace_back(json::object{
        {"address", utf8(endpoint.address)}, {"preferred", endpoint.preferred}, {"problem", utf8(endpoint.problem)}});
  return {{"endpoints", std::move(endpoints)},
          {"read", age(store.read)},
          {"revision", store.revision},
          {"problem", utf8(store.problem)}};
}

void read_store(const Reader& in, StoreView& out) {
  read_age(in, "read", out.read);
  in.read("revision", out.revision);
  in.read("problem", out.problem);
  in.each("endpoints", [&out](const Reader& endpoint) {
    auto& view = out.endpoints.emplace_back();
    endpoint.read("address", view.address);
    endpoint.read("preferred", view.preferred);
    endpoint.read("problem", view.problem);
  });
}

json::array nodes_array(const std::vector<NodeView>& nodes) {
  json::array out;
  for (const NodeView& node : nodes)
    out.emplace_back(json::object{{"name", utf8(node.name)},
                                  {"generation", node.generation},
                                  {"silent", node.silent},
                                  {"same_configuration", node.same_configuration},
                                  {"same_weights", node.same_weights}});
  return out;
}

void read_nodes(const Reader& in, std::vector<NodeView>& out) {
  in.each("nodes", [&out](const Reader& node) {
    NodeView& view = out.emplace_back();
    node.read("name", view.name);
    node.read("generation", view.generation);
    node.read("silent", view.silent);
    node.read("same_configuration", view.same_configuration);
    node.read("same_weights", view.same_weights);
  });
}

std::string render_store(const StoreView& store, bool color) {
  if (store.endpoints.empty()) return "";
  std::string out = "store";
  for (const auto& endpoint : store.endpoints)
    if (endpoint.preferred) out += " " + base::printable(endpoint.address);
  out += store.read ? "   read " + base::human_duration(*store.read) + " ago" : "   never read";
  out += "   revision " + base::with_thousands(store.revision) + "\n";
  if (!store.problem.empty()) out += colored(base::printable(store.problem), Tone::bad, color) + "\n";
  return out;
}

std::string render_nodes(const std::vector<NodeView>& nodes, bool color) {
  if (nodes.empty()) return "";
  Table table({{"node"}, {"generation", true}, {"configuration"}, {"weights"}});
  for (const NodeView& node : nodes) {
    const Cell silent{"silent", Tone::warning};
    table.add({{node.name},
               {base::with_thousands(node.generation)},
               node.same_configuration ? Cell{"same"} : Cell{"another", Tone::warning},
               node.silent ? silent : (node.same_weights ? Cell{"same", Tone::good} : Cell{"others", Tone::bad})});
  }
  return table.render(color);
}

}  // namespace gslb::control
