// policies: lists of filters
#include <optional>
#include <set>

#include "config/config.hpp"
#include "config/draft.hpp"
#include "config/values.hpp"

namespace gslb::config {

namespace {

using policy::FilterKind;
using policy::FilterSpec;

/// What the readers of a filter's parameters work on.
struct FilterDraft {
  FilterSpec& spec;
  const Draft& draft;
};

constexpr auto nearest_keys = std::to_array<Key<FilterDraft>>({
    {"within", "distance", "sites this much farther than the nearest still count as equal",
     [](const Node& n, FilterDraft& f) { read_distance(n, f.spec.within_km); }},
    {"bias", "mapping of site to distance", "the site counts as this much nearer",
     [](const Node& n, FilterDraft& f) {
       for (const Node& field : n.fields()) {
         double km = 0;
         const auto names = names_of_specs(f.draft.config.sites);
         if (std::find(names.begin(), names.end(), field.name()) == names.end())
           field.error_at_key("no site is named " + in_quotes(field.name()), suggestion(field.name(), "sites", names));
         if (read_distance(field, km)) f.spec.bias_km[field.name()] = km;
       }
     }},
});
constexpr KeyTable<FilterDraft> nearest_table{"policies.*[].nearest", nearest_keys};

constexpr auto fastest_keys = std::to_array<Key<FilterDraft>>({
    {"within", "duration", "sites this much slower than the fastest still count as equal",
     [](const Node& n, FilterDraft& f) {
       Milliseconds within{0};
       if (read_duration(n, within, Milliseconds{0}, std::chrono::minutes(1)))
         f.spec.within_ms = static_cast<double>(within.count());
     }},
    {"table", "CSV file", "measured round trips: prefix,site,ms",
     [](const Node& n, FilterDraft& f) {
       f.spec.table.where = n.where();
       read_path(n, f.spec.table.value);
     },
     true},
});
constexpr KeyTable<FilterDraft> fastest_table{"policies.*[].fastest", fastest_keys};

constexpr auto weighted_keys = std::to_array<Key<FilterDraft>>({
    {"by", "client or query", "a client stays where it is, or each query is drawn anew",
     [](const Node& n, FilterDraft& f) {
       read_choice<bool>(n, f.spec.by_query, {{"client", false}, {"query", true}});
     }},
});
constexpr KeyTable<FilterDraft> weighted_table{"policies.*[].weighted", weighted_keys};

void read_fence_mode(const Node& node, FilterDraft& filter) {
  read_choice<bool>(node, filter.spec.strict, {{"strict", true}, {"prefer", false}});
}

void read_outside(const Node& node, FilterDraft& filter) {
  using policy::Outside;
  if (!filter.spec.strict) node.error_at_key("nobody is outside a fence that only prefers", "mode: strict");
  if (node.kind() == Node::Kind::scalar) {
    const auto names = names_of_specs(filter.draft.config.sites);
    if (std::find(names.begin(), names.end(), *node.text()) == names.end()) {
      read_choice<Outside>(node, filter.spec.outside,
                           {{"fallback", Outside::fallback}, {"none", Outside::none}, {"anywhere", Outside::anywhere}});
      return;
    }
  }
  filter.spec.outside = Outside::sites;
  for (const Node& site : node.items()) {
    if (!check_site(site, filter.draft)) continue;
    auto& sites = filter.spec.outside_sites;
    if (std::find(sites.begin(), sites.end(), *site.text()) != sites.end()) site.error("is in the list already");
    sites.push_back(*site.text());
  }
}

constexpr auto fence_keys = std::to_array<Key<FilterDraft>>({
    {"mode", "strict or prefer", "endpoints that do not serve a client are dropped, or only put last", read_fence_mode},
    {"outside", "fallback, none, anywhere, or list of sites",
     "what clients get whom no endpoint serves; `anywhere` and sites go on through the chain", read_outside},
});
constexpr KeyTable<FilterDraft> fence_table{"policies.*[].fence", fence_keys};

void read_fence(const Node& node, FilterDraft& filter) {
  if (node.kind() == Node::Kind::mapping) {
    read_mapping(node, fence_table, filter);
  } else {
    read_fence_mode(node, filter);
  }
}
void read_nearest(const Node& node, FilterDraft& filter) { read_mapping(node, nearest_table, filter); }
void read_fastest(const Node& node, FilterDraft& filter) { read_mapping(node, fastest_table, filter); }
void read_weighted(const Node& node, FilterDraft& filter) { read_mapping(node, weighted_table, filter); }
void read_take(const Node& node, FilterDraft& filter) { read_number(node, filter.spec.count, 1, most_answers); }

void read_priority(const Node& node, FilterDraft& filter) {
  std::set<std::string> seen;
  for (const Node& tier : node.items()) {
    std::vector<std::string> names;
    for (const Node& site : tier.items()) {
      if (!check_site(site, filter.draft)) continue;
      if (!seen.insert(*site.text()).second) site.error("is in the order already");
      names.push_back(*site.text());
    }
    if (tier.kind() == Node::Kind::sequence && tier.items().empty()) tier.error("needs at least one site");
    if (!names.empty()) filter.spec.sites.push_back(std::move(names));
  }
}

/// One kind of filter: `read` is null where it takes no parameters, `bare` whether it may stand alone.
struct FilterWord {
  std::string_view name;
  FilterKind kind;
  bool bare;
  void (*read)(const Node&, FilterDraft&);
  std::string_view parameters;
  std::string_view meaning;
};

constexpr auto filter_words = std::to_array<FilterWord>({
    {"fence", FilterKind::fence, true, read_fence, "strict, prefer, or mapping",
     "keeps endpoints whose `serves` has the client; prefer only puts the others last"},
    {"nearest", FilterKind::nearest, true, read_nearest, "mapping", "splits by distance from client to site"},
    {"fastest", FilterKind::fastest, false, read_fastest, "mapping", "splits by measured round-trip time"},
    {"priority", FilterKind::priority, true, read_priority, "list of sites, or of lists of equal sites",
     "splits by this order; alone, by the order of the endpoints"},
    {"weighted", FilterKind::weighted, true, read_weighted, "mapping", "orders equals at random by their weights"},
    {"rotate", FilterKind::rotate, true, nullptr, "nothing", "orders equals by turns"},
    {"all", FilterKind::all, true, nullptr, "nothing", "leaves equals as they are"},
    {"take", FilterKind::take, false, read_take, "number", "answers with so many; comes last"},
});
constexpr auto later_filters = std::to_array<std::string_view>({"sticky"});

const FilterWord* find_filter(const Node& node, const std::string& name, bool at_key) {
  for (const FilterWord& word : filter_words) {
    if (word.name == name) return &word;
  }
  std::string what = "there is no filter " + in_quotes(name);
  std::string hint;
  if (std::find(later_filters.begin(), later_filters.end(), name) != later_filters.end()) {
    what = "the filter " + in_quotes(name) + " is not supported by this version";
  } else {
    std::vector<std::string> names;
    names.reserve(filter_words.size());
    for (const FilterWord& word : filter_words) names.emplace_back(word.name);
    hint = suggestion(name, "filters", names);
  }
  if (at_key) {
    node.error_at_key(what, hint);
  } else {
    node.error(what, hint);
  }
  return nullptr;
}

std::optional<FilterSpec> read_filter(const Node& node, const Draft& draft) {
  FilterSpec spec;
  spec.where = node.where();
  if (node.kind() == Node::Kind::scalar) {
    const FilterWord* word = find_filter(node, *node.text(), false);
    if (word == nullptr) return std::nullopt;
    spec.kind = word->kind;
    if (!word->bare)
      node.error("needs a " + std::string(word->parameters),
                 word->kind == FilterKind::take ? "take: 1" : "fastest: { table: round-trips.csv }");
    return spec;
  }
  const auto fields = node.kind() == Node::Kind::mapping ? node.fields() : std::vector<Node>{};
  if (fields.size() != 1) {
    node.error("must be one filter", "such as weighted, or nearest: { within: 300km }");
    return std::nullopt;
  }
  const Node& field = fields[0];
  const FilterWord* word = find_filter(field, field.name(), true);
  if (word == nullptr) return std::nullopt;
  spec.kind = word->kind;
  FilterDraft filter{spec, draft};
  if (word->read != nullptr) {
    word->read(field, filter);
  } else {
    field.error_at_key("takes no parameters", "write only " + field.name());
  }
  return spec;
}

bool orders_equals(FilterKind kind) {
  return kind == FilterKind::weighted || kind == FilterKind::rotate || kind == FilterKind::all;
}

std::string_view name_of(FilterKind kind) {
  return std::find_if(filter_words.begin(), filter_words.end(), [&](const FilterWord& w) { return w.kind == kind; })
      ->name;
}

/// Chains that contradict themselves.
void check_chain(const Node& node, const std::vector<FilterSpec>& filters) {
  const auto error = [&](const FilterSpec& filter, const std::string& what, std::string hint = {}) {
    node.errors().add(filter.where, node.path(), what, std::move(hint));
  };
  for (std::size_t i = 0; i < filters.size(); ++i) {
    const std::string name(name_of(filters[i].kind));
    for (std::size_t j = 0; j < i; ++j) {
      if (filters[j].kind == filters[i].kind) {
        error(filters[i], "the filter " + in_quotes(name) + " comes twice");
      } else if (orders_equals(filters[i].kind) && orders_equals(filters[j].kind)) {
        error(filters[i], in_quotes(name_of(filters[j].kind)) + " has ordered the equals already", "keep one of both");
      }
    }
    if (filters[i].kind == FilterKind::take && i + 1 < filters.size()) error(filters[i], "\"take\" must come last");
  }
}

}  // namespace

policy::PolicySpec read_policy(const Node& node, std::string name, const Draft& draft) {
  policy::PolicySpec policy;
  policy.name = std::move(name);
  policy.where = node.where_key();
  if (node.kind() != Node::Kind::sequence) {
    node.error("must be a list of filters", "such as [nearest: { within: 300km }, weighted, take: 1]");
    return policy;
  }
  const auto items = node.items();
  if (items.empty()) node.error("needs at least one filter");
  for (const Node& item : items) {
    if (auto filter = read_filter(item, draft)) policy.filters.push_back(std::move(*filter));
  }
  check_chain(node, policy.filters);
  return policy;
}

void read_policies(const Node& node, Draft& draft) {
  for (const Node& field : node.fields()) {
    if (check_own_name(field) && field.name() == "default")
      field.error_at_key("\"default\" is the built-in policy", "name yours in defaults: { policy: … }");
    draft.config.policies.push_back(read_policy(field, field.name(), draft));
  }
}

void describe_policy(std::vector<MappingInfo>& out) {
  MappingInfo filters{"policies.*[]", {}};
  for (const FilterWord& word : filter_words) filters.keys.push_back({word.name, word.parameters, word.meaning, false});
  out.push_back(std::move(filters));
  out.push_back(describe(fence_table));
  out.push_back(describe(nearest_table));
  out.push_back(describe(fastest_table));
  out.push_back(describe(weighted_table));
}

}  // namespace gslb::config
