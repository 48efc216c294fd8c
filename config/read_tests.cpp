// tests: questions with the answers that the configuration is meant to give.
#include "config/draft.hpp"
#include "config/values.hpp"
#include "dns/types.hpp"

namespace gslb::config {

namespace {

struct TestDraft {
  TestSpec spec;
  const Draft& draft;
};

void read_ask(const Node& node, TestDraft& test) { read_name(node, dns::Name(), test.spec.name); }

void read_type(const Node& node, TestDraft& test) {
  const std::string* text = node.text();
  if (text == nullptr) return;
  if (const auto type = dns::parse_rtype(*text)) {
    test.spec.type = *type;
  } else {
    node.error(in_quotes(*text) + " is no record type", "A, AAAA, TXT");
  }
}

void read_client(const Node& node, TestDraft& test) {
  base::Prefix prefix;
  if (read_prefix(node, prefix)) test.spec.client = prefix;
}

void read_resolver(const Node& node, TestDraft& test) {
  base::IpAddress address;
  if (read_address(node, address)) test.spec.resolver = address;
}

void read_site_names(const Node& node, std::vector<std::string>& out, const Draft& draft) {
  for (const Node& item : node.items()) {
    if (check_site(item, draft)) out.push_back(*item.text());
  }
}

void read_addresses(const Node& node, std::vector<base::IpAddress>& out) {
  for (const Node& item : node.items()) {
    base::IpAddress address;
    if (read_address(item, address)) out.push_back(address);
  }
}

void read_down(const Node& node, TestDraft& test) {
  for (const Node& item : node.items()) {
    const std::string* text = item.text();
    if (text == nullptr) continue;
    if (const auto address = base::parse_address(*text)) {
      test.spec.down_addresses.push_back(*address);
    } else if (check_site(item, test.draft)) {
      test.spec.down_sites.push_back(*text);
    }
  }
}

constexpr auto test_keys = std::to_array<Key<TestDraft>>({
    {"name", "text", "what it is about, for people", [](const Node& n, TestDraft& t) { read_text(n, t.spec.title); }},
    {"ask", "domain name", "the name that is asked for, whole", read_ask, true},
    {"type", "record type", "the type that is asked for", read_type},
    {"client", "network, or address", "the client subnet of the query; an address stands for its /24 or /56",
     read_client},
    {"resolver", "address", "who sends the query; alone: without client subnet", read_resolver},
    {"down", "list of sites and addresses", "what is down; all else is up", read_down},
    {"sites", "list of sites", "every address of the answer is at one of these",
     [](const Node& n, TestDraft& t) { read_site_names(n, t.spec.sites.emplace(), t.draft); }},
    {"answer", "list of addresses", "the answer is exactly these, in any order; an empty list: no addresses",
     [](const Node& n, TestDraft& t) { read_addresses(n, t.spec.answer.emplace()); }},
    {"rcode", "NOERROR, NXDOMAIN, SERVFAIL or REFUSED", "the RCODE of the answer",
     [](const Node& n, TestDraft& t) {
       read_choice<std::optional<dns::Rcode>>(n, t.spec.rcode,
                                              {{"NOERROR", dns::Rcode::noerror},
                                               {"NXDOMAIN", dns::Rcode::nxdomain},
                                               {"SERVFAIL", dns::Rcode::servfail},
                                               {"REFUSED", dns::Rcode::refused}});
     }},
});
constexpr KeyTable<TestDraft> test_table{"tests[]", test_keys};

}  // namespace

void read_tests(const Node& node, Draft& draft) {
  for (const Node& item : node.items()) {
    TestDraft test{{}, draft};
    test.spec.where = item.where();
    const auto before = item.errors().all().size();
    if (!read_mapping(item, test_table, test) || item.errors().all().size() > before) continue;
    if (!test.spec.client && !test.spec.resolver) item.error("does not say who asks", "give client or resolver");
    if (!test.spec.sites && !test.spec.answer && !test.spec.rcode)
      item.error("expects nothing", "give sites, answer or rcode");
    draft.config.tests.push_back(std::move(test.spec));
  }
}

void describe_tests(std::vector<MappingInfo>& out) { out.push_back(describe(test_table)); }

}  // namespace gslb::config
