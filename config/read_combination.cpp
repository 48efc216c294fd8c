// monitor: { all: … } and the like: several monitors on one endpoint
#include <numeric>

#include "config/draft.hpp"
#include "config/values.hpp"

namespace gslb::config {

namespace {

using health::CombinationSpec;

struct CombinationDraft {
  CombinationSpec& spec;
  const Draft& draft;
  std::vector<Node> forms;  ///< all, any, of or weights as written: one is right
  const Node* at_least = nullptr;
};

void add_member(const Node& node, const std::string& name, std::uint32_t weight, CombinationDraft& draft) {
  if (std::ranges::any_of(draft.spec.members, [&](const auto& member) { return member.monitor == name; }))
    return node.error(in_quotes(name) + " stands here twice");
  draft.spec.members.push_back({name, weight});
}

std::span<const health::MonitorSpec> named(const Draft& draft) {
  return std::span(draft.config.monitors).first(draft.named_monitors);
}

void read_members(const Node& node, CombinationDraft& draft) {
  draft.forms.push_back(node);
  if (draft.forms.size() > 1) return;  // one of them is wrong, whatever it holds
  const auto items = node.items();
  for (const Node& item : items)
    if (check_reference(item, "monitor", "monitors", named(draft.draft))) add_member(item, *item.text(), 1, draft);
  if (node.kind() == Node::Kind::sequence && items.empty()) node.error("needs a monitor");
}

void read_weights(const Node& node, CombinationDraft& draft) {
  constexpr std::uint32_t heaviest = 1000;
  draft.forms.push_back(node);
  for (const Node& field : node.fields()) {
    const auto known = names_of_specs(named(draft.draft));
    if (std::ranges::find(known, field.name()) == known.end())
      field.error_at_key("no monitor is named " + in_quotes(field.name()), suggestion(field.name(), "monitors", known));
    std::uint32_t weight = 1;
    if (read_number(field, weight, 1, heaviest)) add_member(field, field.name(), weight, draft);
  }
}

constexpr auto keys = std::to_array<Key<CombinationDraft>>({
    {"all", "list of names of monitors", "up if all of them are", read_members},
    {"any", "list of names of monitors", "up if one of them is", read_members},
    {"of", "list of names of monitors", "up if `at_least` so many of them are", read_members},
    {"weights", "mapping of names of monitors to weights", "up if those that are up weigh `at_least` so much",
     read_weights},
    {"at_least", "number", "for `of` and `weights`",
     [](const Node& n, CombinationDraft& d) {
       d.at_least = &n;
       read_number(n, d.spec.need, 1, 1'000'000);
     }},
});
constexpr KeyTable<CombinationDraft> table{"zones.*.services.*.monitor", keys};

}  // namespace

bool is_combination(const Node& node) {
  return std::ranges::any_of(keys, [&](const auto& key) { return node.has_field(key.name); });
}

CombinationSpec read_combination(const Node& node, std::string name, const Draft& draft) {
  CombinationSpec spec;
  spec.name = std::move(name);
  spec.where = node.where_key();
  CombinationDraft out{spec, draft, {}, nullptr};
  if (!read_mapping(node, table, out)) return spec;
  if (out.forms.empty()) node.error_at_key("needs one of all, any, of and weights", "all: [web, db]");
  for (std::size_t i = 1; i < out.forms.size(); ++i)
    out.forms[i].error_at_key("monitors are combined in one way, and this is already " + out.forms[0].name());
  if (out.forms.size() != 1 || spec.members.empty()) return spec;
  const std::string& form = out.forms[0].name();
  const bool counts = form == "of" || form == "weights";
  if (counts && out.at_least == nullptr) node.error_at_key("needs \"at_least\"", "how many, or how much, must be up");
  if (!counts && out.at_least != nullptr) node.error_at_key("\"at_least\" has no meaning for " + form);
  const auto total = std::accumulate(spec.members.begin(), spec.members.end(), 0U,
                                     [](std::uint32_t sum, const auto& member) { return sum + member.weight; });
  if (form == "all") spec.need = total;
  if (form == "any") spec.need = 1;
  if (counts && spec.need > total)
    node.error_at_key("needs at least " + std::to_string(spec.need) + ", and there are only " + std::to_string(total));
  return spec;
}

void describe_combination(std::vector<MappingInfo>& out) { out.push_back(describe(table)); }

}  // namespace gslb::config
