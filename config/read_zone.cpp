// zones, their soa and records
#include <algorithm>
#include <cctype>

#include "config/config.hpp"
#include "config/draft.hpp"
#include "config/values.hpp"
#include "dns/types.hpp"

namespace gslb::config {

namespace {

using zones::RecordSpec;
using zones::ZoneSpec;

constexpr std::size_t longest_string = 255;  // octets of a character-string (RFC 1035 section 3.3)

struct ZoneDraft {
  ZoneSpec spec;
  Draft& draft;
};

void read_mailbox(const Node& node, ZoneSpec& zone) {
  const std::string* text = node.text();
  if (text == nullptr) return;
  if (const auto at = text->find('@'); at != std::string::npos) {
    std::string local = text->substr(0, at);
    for (std::size_t dot = local.find('.'); dot != std::string::npos; dot = local.find('.', dot + 2))
      local.insert(dot, "\\");
    node.error("a mailbox is written as a domain name", "did you mean " + local + "." + text->substr(at + 1) + ".?");
    return;
  }
  read_name(node, zone.apex.value, zone.soa.rname);
}

constexpr auto soa_keys = std::to_array<Key<ZoneSpec>>({
    {"mname", "name", "primary name server; without it, the first of `ns`",
     [](const Node& n, ZoneSpec& z) { read_name(n, z.apex.value, z.soa.mname); }},
    {"rname", "name", "mailbox of who is responsible; without it, hostmaster of the zone", read_mailbox},
    {"refresh", "duration", "for secondaries", [](const Node& n, ZoneSpec& z) { read_ttl(n, z.soa.refresh); }},
    {"retry", "duration", "for secondaries", [](const Node& n, ZoneSpec& z) { read_ttl(n, z.soa.retry); }},
    {"expire", "duration", "for secondaries", [](const Node& n, ZoneSpec& z) { read_ttl(n, z.soa.expire); }},
    {"minimum", "duration", "how long resolvers remember that something does not exist",
     [](const Node& n, ZoneSpec& z) { read_ttl(n, z.soa.minimum); }},
    {"ttl", "duration", "TTL of the SOA record", [](const Node& n, ZoneSpec& z) { read_ttl(n, z.soa.ttl); }},
    {"serial", "number", "fixed serial; without it, the newest modification time of the zone's files",
     [](const Node& n, ZoneSpec& z) {
       std::uint32_t serial = 0;
       if (read_number(n, serial, 0, 0xffffffff)) z.soa.serial = serial;
     }},
});
constexpr KeyTable<ZoneSpec> soa_table{"zones.*.soa", soa_keys};

void read_name_servers(const Node& node, ZoneSpec& zone) {
  const auto items = node.items();
  if (node.kind() == Node::Kind::sequence && items.empty()) node.error("needs at least one name server");
  for (const Node& item : items) {
    base::Sourced<dns::Name> name{{}, item.where()};
    if (!read_name(item, zone.apex.value, name.value)) continue;
    const bool known =
        std::any_of(zone.ns.begin(), zone.ns.end(), [&](const auto& other) { return other.value == name.value; });
    if (known) item.error(name.value.to_string() + " is in the list already");
    zone.ns.push_back(std::move(name));
  }
}

constexpr auto zone_keys = std::to_array<Key<ZoneDraft>>({
    {"ns", "list of names",
     "name servers; names without a final dot are inside the zone; without it, SOA and NS come from `files`",
     [](const Node& n, ZoneDraft& d) { read_name_servers(n, d.spec); }},
    {"ns_ttl", "duration", "TTL of the NS records", [](const Node& n, ZoneDraft& d) { read_ttl(n, d.spec.ns_ttl); }},
    {"soa", "mapping", "start of authority", [](const Node& n, ZoneDraft& d) { read_soa(n, d.spec); }},
    {"ttl", "duration", "TTL of records that have none of their own",
     [](const Node& n, ZoneDraft& d) { read_ttl(n, d.spec.default_ttl); }},
    {"services", "mapping of name to service", "steered names",
     [](const Node& n, ZoneDraft& d) { read_services(n, d.spec, d.draft); }},
    {"records", "mapping of name to records", "records that never change by themselves",
     [](const Node& n, ZoneDraft& d) { read_records(n, d.spec); }},
    {"files", "file, or list of them", "master files with more records",
     [](const Node& n, ZoneDraft& d) { read_paths(n, d.spec.files); }},
    {"dnssec", "on, off, maker, follower, or mapping", "whether the zone is signed, and how",
     [](const Node& n, ZoneDraft& d) { read_dnssec(n, d.spec.dnssec); }},
});
constexpr auto zone_later = std::to_array<std::string_view>({"transfer", "notify", "update"});
constexpr KeyTable<ZoneDraft> zone_table{"zones.*", zone_keys, zone_later};

void read_zone(const Node& field, Draft& draft) {
  const Node node = field.without_path();
  ZoneDraft zone{{}, draft};
  zone.spec.apex.where = field.where_key();
  zone.spec.modified = draft.modified;
  zone.spec.dnssec = draft.dnssec;
  const auto apex = field.name().empty() ? std::nullopt : dns::Name::parse(field.name());
  if (!apex) {
    field.error_at_key(in_quotes(field.name()) + " is not a domain name",
                       "labels have 1 to 63 octets, a name at most 255");
    return;
  }
  zone.spec.apex.value = *apex;
  for (const ZoneSpec& other : draft.config.zones) {
    if (other.apex.value == *apex)
      field.error_at_key("the zone " + apex->to_string() + " is already at " + to_string(other.apex.where));
  }
  read_mapping(node, zone_table, zone);
  ZoneSpec& spec = zone.spec;
  if (!node.has_field("ns") && spec.files.empty())
    node.error_at_key("needs \"ns\"", "name servers; names without a final dot are inside the zone");
  if (!spec.ns.empty()) {
    if (spec.soa.mname.is_root()) spec.soa.mname = spec.ns.front().value;
    if (spec.soa.rname.is_root()) spec.soa.rname = dns::Name::parse("hostmaster", *apex).value_or(*apex);
  }
  for (const policy::ServiceSpec& service : spec.services) {
    if (spec.dnssec && service.reflect != policy::Reflect::nothing)
      node.errors().add(service.where, "services." + service.name.value,
                        "what it answers cannot be signed before it is asked", "give it a zone that is not signed");
  }
  draft.config.zones.push_back(std::move(zone.spec));
}

bool is_text_type(dns::Rtype type) {
  constexpr auto spf = static_cast<dns::Rtype>(99);
  return type == dns::Rtype::TXT || type == spf;
}

/// Text that is not in quotes is one text, whatever blanks it has, in as many character-strings as it needs.
std::string text_rdata(const std::string& text) {
  if (text.starts_with('"')) return text;
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > 0 && i % longest_string == 0) out += "\" \"";
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += text[i];
    } else if (c < 0x20 || c >= 0x7f) {
      out += {'\\', static_cast<char>('0' + c / 100), static_cast<char>('0' + c / 10 % 10),
              static_cast<char>('0' + c % 10)};
    } else {
      out += text[i];
    }
  }
  return out + "\"";
}

struct RecordsDraft {
  RecordSpec first;  ///< what all records of this owner and type share
  dns::Rtype type{};
  ZoneSpec& zone;
};

void read_data(const Node& node, RecordsDraft& records) {
  if (node.kind() == Node::Kind::sequence && node.items().empty()) node.error("has no data");
  for (const Node& item : node.items()) {
    RecordSpec record = records.first;
    record.where = item.where();
    if (!read_text(item, record.rdata)) continue;
    if (record.rdata.find_first_of(std::string_view("\0\n\r", 3)) != std::string::npos) {
      item.error("must be on one line");
    } else if (is_text_type(records.type)) {
      record.rdata = text_rdata(record.rdata);
    } else if (record.rdata.empty()) {
      item.error("has no data");
    }
    if (records.zone.records.size() <= most_records) records.zone.records.push_back(std::move(record));
  }
}

constexpr auto record_keys = std::to_array<Key<RecordsDraft>>({
    {"ttl", "duration", "TTL of these records; without it, `ttl` of the zone",
     [](const Node& n, RecordsDraft& d) {
       std::uint32_t ttl = 0;
       if (read_ttl(n, ttl)) d.first.ttl = ttl;
     }},
    {"data", "record data, or list of it", "as in a master file; a TXT without quotes is one text", read_data, true},
});
constexpr KeyTable<RecordsDraft> record_table{"zones.*.records.*.TYPE", record_keys};

std::optional<dns::Rtype> record_type(const Node& field) {
  using dns::Rtype;
  const auto type = dns::parse_rtype(field.name());
  if (!type) {
    field.error_at_key("there is no record type " + in_quotes(field.name()), "such as A, MX, TXT or TYPE65280");
    return std::nullopt;
  }
  const auto number = static_cast<std::uint16_t>(*type);
  const bool is_meta = *type == Rtype::OPT || (number >= 128 && number <= 255);  // RFC 6895 section 3.1
  if (*type == Rtype::SOA) field.error_at_key("is written under `soa` of the zone");
  if (is_meta || number == 0) field.error_at_key("is not a type of data");
  return type;
}

}  // namespace

void read_soa(const Node& node, ZoneSpec& zone) { read_mapping(node, soa_table, zone); }

void read_records(const Node& node, ZoneSpec& zone) {
  for (const Node& owner : node.fields()) {
    if (owner.name() != "@" && (owner.name().ends_with('.') || !dns::Name::parse(owner.name(), zone.apex.value)))
      owner.error_at_key(in_quotes(owner.name()) + " is not a name inside the zone",
                         "relative to it, without a final dot; \"@\" is the apex");
    for (const Node& field : owner.fields()) {
      const auto type = record_type(field);
      if (!type) continue;
      RecordsDraft records{{owner.name(), field.name(), {}, {}, {}}, *type, zone};
      if (field.kind() == Node::Kind::mapping) {
        read_mapping(field, record_table, records);
      } else {
        read_data(field, records);
      }
    }
  }
  if (zone.records.size() > most_records)
    node.error_at_key("more than 10,000 records", "put them into a master file: files: [static.zone]");
}

void read_zones(const Node& node, Draft& draft) {
  const auto fields = node.fields();
  if (node.kind() == Node::Kind::mapping && fields.empty()) node.error("needs at least one zone");
  for (const Node& field : fields) read_zone(field, draft);
}

void describe_zone(std::vector<MappingInfo>& out) {
  out.push_back(describe(zone_table));
  out.push_back(describe(soa_table));
  out.push_back(describe(record_table));
}

}  // namespace gslb::config
