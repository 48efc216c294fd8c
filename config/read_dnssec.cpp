// dnssec of a zone and of the defaults
#include <algorithm>

#include "config/draft.hpp"
#include "config/values.hpp"

namespace gslb::config {

namespace {

using namespace std::chrono_literals;
using zones::DnssecSpec;

constexpr Seconds longest_lifetime = std::chrono::days{3650};
constexpr Seconds longest_wait = std::chrono::days{7};
constexpr Seconds longest_validity = std::chrono::days{90};

}  // namespace

void read_askable(const Node& node, std::vector<base::Sourced<base::SocketAddress>>& out) {
  constexpr std::uint16_t dns_port = 53;
  out.clear();
  for (const Node& item : node.items()) {
    const std::string* text = item.text();
    if (text == nullptr) continue;
    base::Sourced<base::SocketAddress> entry{{}, item.where()};
    if (const auto address = base::parse_address(*text)) {
      entry.value = {*address, dns_port};
    } else if (!read_socket_address(item, entry.value)) {
      continue;
    }
    if (std::any_of(out.begin(), out.end(), [&](const auto& other) { return other.value == entry.value; }))
      item.error("is in the list already");
    out.push_back(std::move(entry));
  }
}

namespace {

void read_role(const Node& node, DnssecSpec& dnssec) {
  read_choice<bool>(node, dnssec.maker, {{"maker", true}, {"follower", false}});
}

constexpr auto keys = std::to_array<Key<DnssecSpec>>({
    {"algorithm", "ecdsap256sha256 or ed25519", "of new keys",
     [](const Node& n, DnssecSpec& d) {
       read_choice<dns::DnssecAlgorithm>(
           n, d.algorithm,
           {{"ecdsap256sha256", dns::DnssecAlgorithm::ecdsap256sha256}, {"ed25519", dns::DnssecAlgorithm::ed25519}});
     }},
    {"role", "maker or follower", "one node makes the keys of a zone, the others obey the key files", read_role},
    {"style", "csk or ksk+zsk", "one key for everything, or one for the keys and one for the rest",
     [](const Node& n, DnssecSpec& d) {
       read_choice<bool>(n, d.split, {{"csk", false}, {"ksk+zsk", true}});
     }},
    {"keys", "folder", "where the key files are; without it, `keys` in the state folder",
     [](const Node& n, DnssecSpec& d) {
       if (read_path(n, d.keys.value)) d.keys.where = n.where();
     }},
    {"ksk_lifetime", "duration", "a KSK or CSK is replaced at this age; 0 only on demand",
     [](const Node& n, DnssecSpec& d) { read_seconds(n, d.ksk_lifetime, 0s, longest_lifetime); }},
    {"zsk_lifetime", "duration", "a ZSK is replaced at this age; 0 only on demand",
     [](const Node& n, DnssecSpec& d) { read_seconds(n, d.zsk_lifetime, 0s, longest_lifetime); }},
    {"validity", "duration", "of signatures; they are renewed when a third of it is left",
     [](const Node& n, DnssecSpec& d) { read_seconds(n, d.validity, 1h, longest_validity); }},
    {"dnskey_ttl", "duration", "TTL of DNSKEY, CDS and CDNSKEY",
     [](const Node& n, DnssecSpec& d) { read_seconds(n, d.dnskey_ttl, 1s, longest_wait); }},
    {"propagation", "duration", "added to every wait of a rollover, for name servers that lag",
     [](const Node& n, DnssecSpec& d) { read_seconds(n, d.propagation, 0s, longest_wait); }},
    {"servers", "address, or list of them", "the zone's other name servers, asked which keys they publish",
     [](const Node& n, DnssecSpec& d) { read_askable(n, d.servers); }},
    {"parent", "address, or list of them", "every name server of the parent zone, asked for the DS",
     [](const Node& n, DnssecSpec& d) { read_askable(n, d.parent); }},
    {"ds_ttl", "duration", "TTL of the DS at the parent, if it does not show a longer one",
     [](const Node& n, DnssecSpec& d) { read_seconds(n, d.ds_ttl, 1s, longest_wait); }},
    {"unsign", "true or false", "takes the zone back to unsigned, once no DS is left at the parent",
     [](const Node& n, DnssecSpec& d) { read_flag(n, d.unsign); }},
});
constexpr KeyTable<DnssecSpec> table{"zones.*.dnssec", keys};

}  // namespace

void read_dnssec(const Node& node, std::optional<DnssecSpec>& out) {
  if (node.kind() == Node::Kind::scalar) {
    enum class Word { on, off, maker, follower };
    Word word{};
    if (!read_choice<Word>(
            node, word, {{"on", Word::on}, {"off", Word::off}, {"maker", Word::maker}, {"follower", Word::follower}}))
      return;
    if (word == Word::off) return out.reset();
    if (!out) out.emplace();
    if (word != Word::on) out->maker = word == Word::maker;
  } else {
    if (!out) out.emplace();
    read_mapping(node, table, *out);
  }
  out->where = node.where_key();
}

void describe_dnssec(std::vector<MappingInfo>& out) { out.push_back(describe(table)); }

}  // namespace gslb::config
