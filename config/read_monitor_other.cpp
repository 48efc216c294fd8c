// monitors: what dns asks, and how a command is run
#include <algorithm>

#include <cctype>

#include "config/monitor_draft.hpp"
#include "dns/rdata.hpp"
#include "health/rcode.hpp"

namespace gslb::config {

namespace {

using health::ProbeKind;

void read_type(const Node& node, MonitorDraft& draft) {
  const std::string* text = node.text();
  if (text == nullptr) return;
  const auto type = dns::parse_rtype(*text);
  if (!type || *type == dns::Rtype::ANY || *type == dns::Rtype::OPT || *type == dns::Rtype::AXFR) {
    node.error(in_quotes(*text) + " is not a type of record that can be asked for", "such as A, AAAA or SOA");
  } else {
    draft.spec.question.type = static_cast<std::uint16_t>(*type);
  }
}

void read_rcodes(const Node& node, MonitorDraft& draft) {
  for (const Node& item : node.items()) {
    const std::string* text = item.text();
    if (text == nullptr) continue;
    if (const auto rcode = health::parse_rcode(*text)) {
      draft.spec.question.rcodes.push_back(*rcode);
    } else {
      item.error(in_quotes(*text) + " is not a response code", "such as NOERROR or NXDOMAIN");
    }
  }
  if (node.kind() == Node::Kind::sequence && node.items().empty()) node.error("accepts no response code");
}

void read_answers(const Node& node, MonitorDraft& draft) {
  const auto type = static_cast<dns::Rtype>(draft.spec.question.type);
  // Names inside other data may be compressed, and would have to be read to be compared.
  if (type != dns::Rtype::A && type != dns::Rtype::AAAA && type != dns::Rtype::TXT)
    return node.error("can be told for A, AAAA and TXT only");
  for (const Node& item : node.items()) {
    const std::string* text = item.text();
    if (text == nullptr) continue;
    std::vector<std::uint8_t> octets;
    if (const auto parsed = dns::parse_rdata(type, *text, dns::Name(), octets); !parsed) {
      item.error(in_quotes(*text) + " is no data of such a record: " + parsed.error().what);
    } else {
      draft.spec.question.answers.push_back(*text);
    }
  }
}

constexpr auto keys = std::to_array<MonitorKey>({
    {"type", "type of record", "what `dns` asks for",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, {ProbeKind::dns});
       read_type(n, d);
     }},
    {"rcode", "response code, or list of them", "what counts as healthy",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, {ProbeKind::dns});
       read_rcodes(n, d);
     }},
    {"answer", "data of a record, or list of them", "the answer must hold one of these; for A, AAAA and TXT",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, {ProbeKind::dns});
       read_answers(n, d);
     }},
    {"recursion", "true or false", "ask for recursion: the target is a resolver",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, {ProbeKind::dns});
       read_flag(n, d.spec.question.recursion_desired);
     }},
    {"user", "user name", "whom a command runs as if gslbd is root",
     [](const Node& n, MonitorDraft& d) {
       d.only_for(n, {ProbeKind::command});
       std::string name;
       if (!read_text(n, name)) return;
       const auto allowed = [](char c) {
         return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
       };
       if (name.empty() || name.size() > 32 || name[0] == '-' || !std::all_of(name.begin(), name.end(), allowed)) {
         n.error(in_quotes(name) + " is not a user name");
       } else {
         d.spec.command.user = name;
       }
     }},
});

}  // namespace

std::span<const MonitorKey> other_monitor_keys() { return keys; }

}  // namespace gslb::config
