#include "server/challenge_survey.hpp"

#include <algorithm>
#include <boost/asio/ip/udp.hpp>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "dns/query.hpp"
#include "engine/challenges.hpp"
#include "server/challenge_keeper.hpp"
#include "server/dns_asker.hpp"
#include "zones/challenges.hpp"

namespace gslb::server {

namespace asio = boost::asio;
using control::NameServerView;

namespace {

constexpr std::uint16_t dns_port = 53;
constexpr std::size_t record_head = 12;  // C0 0C TYPE CLASS TTL RDLENGTH

/// Calls `use` with the data of each record of a static RRset in our zones.
template <class Use>
void each_rdata(const zones::ZoneTable& zones, const dns::Name& name, dns::Rtype type, Use&& use) {
  dns::Query query;
  dns::set_name(query, name.wire());
  query.qtype = static_cast<std::uint16_t>(type);
  const auto found = zones.find(query);
  if (found.zone == zones::ZoneTable::none) return;
  const zones::Zone& zone = zones[found.zone];
  const zones::Answer answer = zone.lookup(query, found.apex_label);
  if (answer.outcome != zones::Outcome::answer) return;
  const auto records = zone.records(*answer.rrset);
  for (std::size_t at = 0; at < records.size();) {
    const std::size_t size = static_cast<std::size_t>(records[at + 10]) << 8 | records[at + 11];
    use(records.subspan(at + record_head, size));
    at += record_head + size;
  }
}

std::optional<dns::Name> apex_above(const zones::ZoneTable& zones, const dns::Name& name) {
  std::optional<dns::Name> best;
  for (const auto& zone : zones.all()) {
    const auto apex = dns::Name::from_wire(zone->apex());
    if (name.is_below_or_equal(apex) && (!best || apex.labels() > best->labels())) best = apex;
  }
  return best;
}

/// One survey until its last answer; owned by the operations under way.
class Survey : public std::enable_shared_from_this<Survey> {
 public:
  using Done = std::function<void(base::Result<std::vector<NameServerView>>)>;

  Survey(asio::io_context& context, engine::SnapshotPtr snapshot, dns::Name name,
         const control::ChallengeQuestion& question, Done done)
      : context_(context),
        snapshot_(std::move(snapshot)),
        name_(std::move(name)),
        value_(question.value),
        present_(question.present),
        resolver_(context),
        done_(std::move(done)) {}

  void run(const dns::Name& apex, const std::vector<base::SocketAddress>& servers) {
    ++waiting_;
    for (const base::SocketAddress& server : servers) ask(base::to_string(server.address), server);
    if (servers.empty())
      each_rdata(snapshot_->zones, apex, dns::Rtype::NS,
                 [this](auto rdata) { find_addresses(dns::Name::from_wire(rdata)); });
    finish_one();
  }

 private:
  void find_addresses(const dns::Name& ns) {
    const std::string text = without_dot(ns);
    std::set<base::IpAddress> addresses;
    each_rdata(snapshot_->zones, ns, dns::Rtype::A, [&](auto rdata) {
      addresses.insert(base::IpAddress::v4(std::uint32_t{rdata[0]} << 24 | std::uint32_t{rdata[1]} << 16 |
                                           std::uint32_t{rdata[2]} << 8 | rdata[3]));
    });
    each_rdata(snapshot_->zones, ns, dns::Rtype::AAAA, [&](auto rdata) {
      base::IpAddress address;
      address.family = base::Family::v6;
      std::ranges::copy(rdata, address.octets.begin());
      addresses.insert(address);
    });
    for (const base::IpAddress& address : addresses) ask(text, {address, dns_port});
    if (addresses.empty()) resolve(text);
  }

  void resolve(const std::string& ns) {
    ++waiting_;
    resolver_.async_resolve(
        ns, "", [self = shared_from_this(), ns](const boost::system::error_code& error, const auto& results) {
          std::set<std::string> addresses;
          for (const auto& entry : results) addresses.insert(entry.endpoint().address().to_string());
          for (const std::string& text : addresses)
            if (const auto address = base::parse_address(text)) self->ask(ns, {*address, dns_port});
          if (addresses.empty())
            self->views_.push_back(
                {ns, {}, false, "has no address" + (error ? ": " + error.message() : std::string())});
          self->finish_one();
        });
  }

  void ask(const std::string& ns, const base::SocketAddress& server) {
    ++waiting_;
    ask_server(context_, server, name_, dns::Rtype::TXT,
               [self = shared_from_this(), ns, server](const base::Result<std::vector<Answered>>& answer) {
                 const std::string problem = self->problem_of(answer);
                 self->views_.push_back({ns, base::to_string(server), problem.empty(), problem});
                 self->finish_one();
               });
  }

  std::string problem_of(const base::Result<std::vector<Answered>>& answer) const {
    if (!answer) return answer.error().what;
    std::set<std::string> values;
    for (const Answered& record : *answer)
      if (record.type == static_cast<std::uint16_t>(dns::Rtype::TXT) && !record.rdata.empty())
        values.emplace(record.rdata.begin() + 1, record.rdata.end());
    values.erase(std::string(zones::no_challenge));
    const bool has = value_.empty() ? !values.empty() : values.contains(value_);
    if (has == present_) return {};
    return present_ ? "does not answer with it" : "still answers with it";
  }

  void finish_one() {
    if (--waiting_ > 0) return;
    std::ranges::sort(views_, [](const NameServerView& a, const NameServerView& b) {
      return std::tie(a.name, a.address) < std::tie(b.name, b.address);
    });
    done_(std::move(views_));
  }

  asio::io_context& context_;
  engine::SnapshotPtr snapshot_;
  dns::Name name_;
  std::string value_;
  bool present_;
  asio::ip::udp::resolver resolver_;
  Done done_;
  unsigned waiting_ = 0;
  std::vector<NameServerView> views_;
};

}  // namespace

void survey_challenge(asio::io_context& context, const engine::SnapshotPtr& snapshot,
                      const control::ChallengeQuestion& question,
                      std::function<void(base::Result<std::vector<NameServerView>>)> done) {
  const auto name = challenge_place(question.name);
  const auto apex = name ? apex_above(snapshot->zones, *name) : std::nullopt;
  if (!apex) return done(base::Error{"\"" + question.name + "\" is in no zone of this server"});
  std::make_shared<Survey>(context, snapshot, *name, question, std::move(done))->run(*apex, question.servers);
}

}  // namespace gslb::server
