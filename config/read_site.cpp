// sites
#include "config/draft.hpp"
#include "config/values.hpp"

namespace gslb::config {

namespace {

constexpr std::uint64_t most_capacity = 1'000'000'000;

constexpr auto keys = std::to_array<Key<policy::SiteSpec>>({
    {"at", "[latitude, longitude]", "where the site is, in degrees; `nearest` needs it",
     [](const Node& n, policy::SiteSpec& s) {
       s.at.emplace();  // even a wrong one: that is one error, not a second in each service
       read_coordinates(n, *s.at);
     }},
    {"region", "name", "vantages of a region decide among themselves first, then the regions",
     [](const Node& n, policy::SiteSpec& s) {
       std::string region;
       if (!read_text(n, region)) return;
       if (region.empty() || region.size() > 63) return n.error("is no name of a region", "such as eu");
       s.region = std::move(region);
     }},
    {"capacity", "number", "requests a second of the whole site; its endpoints weigh as much",
     [](const Node& n, policy::SiteSpec& s) {
       std::uint64_t capacity = 0;
       if (read_count(n, capacity, 1, most_capacity)) s.capacity = capacity;
     }},
});
constexpr auto later = std::to_array<std::string_view>({"balancer"});
constexpr KeyTable<policy::SiteSpec> table{"sites.*", keys, later};

}  // namespace

void read_sites(const Node& node, Draft& draft) {
  for (const Node& field : node.fields()) {
    policy::SiteSpec site;
    site.name = field.name();
    site.where = field.where_key();
    check_own_name(field);
    read_mapping(field, table, site);
    draft.config.sites.push_back(std::move(site));
  }
}

void describe_site(std::vector<MappingInfo>& out) { out.push_back(describe(table)); }

}  // namespace gslb::config
