// vantage, vantages
#include "config/draft.hpp"
#include "config/values.hpp"

namespace gslb::config {

namespace {

using health::SharingSpec;
using health::VantageSpec;

void read_addresses(const Node& node, std::vector<base::SocketAddress>& out) {
  for (const Node& item : node.items()) {
    base::SocketAddress address;
    if (!read_socket_address(item, address)) continue;
    if (std::ranges::find(out, address) != out.end()) {
      item.error("is already in the list");
    } else {
      out.push_back(address);
    }
  }
}

/// What a site's name may be, a vantage's may be too; it is a DNS name of a certificate.
void read_name_of_vantage(const Node& node, SharingSpec& sharing) {
  if (!read_text(node, sharing.name)) return;
  const auto same = [&](const VantageSpec& vantage) { return vantage.name == sharing.name; };
  if (std::ranges::any_of(sharing.vantages, same)) return;
  node.error("no vantage is named " + in_quotes(sharing.name),
             suggestion(sharing.name, "vantages", names_of_specs(sharing.vantages)));
}

constexpr auto vantage_keys = std::to_array<Key<SharingSpec>>({
    {"name", "text", "which of `vantages` this is; without it, the one with the host's name", read_name_of_vantage},
    {"listen", "address with port, or list of them", "where reports come in; without it, at its address in `vantages`",
     [](const Node& n, SharingSpec& s) { read_addresses(n, s.listen); }},
    {"certificate", "file", "its certificate with its chain, PEM, for its name; read again when it changes",
     [](const Node& n, SharingSpec& s) { read_path(n, s.certificate); }, true},
    {"key", "file", "the certificate's private key, PEM; read again when it changes",
     [](const Node& n, SharingSpec& s) { read_path(n, s.key); }, true},
    {"ca", "file", "who signs the certificates of vantages, PEM; read again when it changes",
     [](const Node& n, SharingSpec& s) { read_path(n, s.ca); }, true},
    {"period", "duration", "how often it reports, besides at each change",
     [](const Node& n, SharingSpec& s) { read_duration(n, s.period, Milliseconds{200}, Milliseconds{2000}); }},
    {"references", "address with port, or list of them",
     "TCP ports elsewhere that accept connections; a vantage that reaches none, and no other vantage, is cut off "
     "itself",
     [](const Node& n, SharingSpec& s) { read_addresses(n, s.references); }},
});
constexpr KeyTable<SharingSpec> vantage_table{"vantage", vantage_keys};

/// What one entry of `vantages` is read into.
struct Listed {
  VantageSpec spec;
  const Draft* draft;
};

constexpr auto entry_keys = std::to_array<Key<Listed>>({
    {"site", "site", "where it is; it does not vote on endpoints there",
     [](const Node& n, Listed& e) {
       if (check_site(n, *e.draft)) read_text(n, e.spec.site);
     }},
    {"region", "text", "vantages of one region agree among themselves first",
     [](const Node& n, Listed& e) { read_text(n, e.spec.region); }},
    {"address", "address with port", "where it takes the reports of others; without it, it only sends",
     [](const Node& n, Listed& e) {
       base::SocketAddress address;
       if (read_socket_address(n, address)) e.spec.address = address;
     }},
});
constexpr KeyTable<Listed> entry_table{"vantages.*", entry_keys};

}  // namespace

void read_vantages(const Node& node, Draft& draft) {
  auto& vantages = draft.config.sharing.vantages;
  for (const Node& field : node.fields()) {
    Listed entry{{}, &draft};
    entry.spec.name = field.name();
    entry.spec.where = field.where_key();
    check_own_name(field);
    if (field.kind() != Node::Kind::null) read_mapping(field, entry_table, entry);
    vantages.push_back(std::move(entry.spec));
  }
  const auto receives = [](const VantageSpec& vantage) { return vantage.address.has_value(); };
  if (vantages.size() > 1 && std::ranges::none_of(vantages, receives))
    node.error_at_key("has no address", "nobody would take a report");
  draft.config.sharing.where = node.where_key();
}

/// Stands below `vantages` in the table of the top level, so these have been read.
void read_vantage(const Node& node, Draft& draft) {
  SharingSpec& sharing = draft.config.sharing;
  read_mapping(node, vantage_table, sharing);
  if (sharing.vantages.empty()) node.error_at_key("needs `vantages`", "all that there are, this one among them");
}

void describe_vantage(std::vector<MappingInfo>& out) {
  out.push_back(describe(vantage_table));
  out.push_back(describe(entry_table));
}

}  // namespace gslb::config
