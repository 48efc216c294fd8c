#include "control/shadow.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/text.hpp"
#include "control/explain_view.hpp"
#include "control/table.hpp"
#include "dns/rdata.hpp"
#include "dns/reply_reader.hpp"
#include "engine/explain.hpp"

namespace gslb::control {

namespace {

constexpr std::size_t most_examples = 20;

struct Answer {
  dns::Rcode rcode = dns::Rcode::noerror;
  std::set<std::string> records;  ///< record data, of the type asked for or of a CNAME
  bool operator==(const Answer&) const = default;
};

/// What we answer, and what we may answer to other clients like this one.
struct Ours {
  Answer answer;
  std::set<std::string> possible;
  std::string site;
  std::map<std::string, std::string> site_of;  ///< by address
};

Ours ours_of(const engine::Explanation& explanation) {
  Ours out;
  out.answer.rcode = explanation.rcode;
  if (explanation.steered) {
    const auto& candidates = explanation.steered->candidates;
    for (const engine::Candidate& one : candidates) {
      if (one.any > 0) out.possible.insert(one.address);
      if (!one.address.empty()) out.site_of[one.address] = one.site;
    }
    for (const policy::EndpointIndex e : explanation.steered->answer) out.answer.records.insert(candidates[e].address);
    if (!explanation.steered->answer.empty()) out.site = candidates[explanation.steered->answer.front()].site;
    return out;
  }
  if (explanation.links.empty()) return out;
  const engine::LinkReasons& first = explanation.links.front();
  if (first.outcome == zones::Outcome::answer || first.outcome == zones::Outcome::cname)
    out.answer.records.insert(first.records.begin(), first.records.end());
  return out;
}

std::string text(const Answer& answer, const Ours& ours) {
  if (answer.records.empty()) return answer.rcode == dns::Rcode::noerror ? "no data" : name_of(answer.rcode);
  std::string out;
  for (const std::string& record : answer.records) {
    const auto site = ours.site_of.find(record);
    out += (out.empty() ? "" : ", ") + record;
    if (site != ours.site_of.end() && !site->second.empty()) out += " (" + site->second + ")";
  }
  return out;
}

void count(Tally& tally, Agreement agreement) {
  switch (agreement) {
    case Agreement::same:
      ++tally.same;
      break;
    case Agreement::possible:
      ++tally.possible;
      break;
    case Agreement::differs:
      ++tally.differs;
      break;
    case Agreement::silent:
      ++tally.silent;
      break;
  }
}

class Comparing {
 public:
  Comparing(const Present& present, const std::vector<engine::ListedQuery>& queries, const base::SocketAddress& server)
      : queries_(queries), server_(server), explainer_(present.generation) {}

  void take(std::size_t number, std::optional<std::span<const std::uint8_t>> message) {
    const engine::ListedQuery& query = queries_[number];
    const Ours ours = ours_of(explain(query));
    std::optional<Answer> theirs;
    if (message) theirs = read(*message, query);
    const Agreement agreement = judge(ours, theirs);
    const std::string name = query.name.to_string();
    count(out_.all, agreement);
    count(out_.names[name], agreement);
    count(out_.sites[ours.site], agreement);
    if (agreement != Agreement::differs || out_.examples.size() == most_examples) return;
    if (!shown_.insert({name, ours.answer.records, theirs->records}).second) return;
    std::string asked = name + " " + dns::to_string(query.type);
    if (query.client) asked += " " + base::to_string(*query.client);
    out_.examples.push_back({asked, text(ours.answer, ours), text(*theirs, ours)});
  }

  Shadow result() { return std::move(out_); }

 private:
  engine::Explanation explain(const engine::ListedQuery& query) {
    engine::Asker asker;
    asker.name = query.name;
    asker.type = query.type;
    asker.subnet = query.client;
    asker.resolver = query.client ? query.client->address : server_.address;
    return explainer_.explain(asker);
  }

  static std::optional<Answer> read(std::span<const std::uint8_t> message, const engine::ListedQuery& query) {
    const auto id = static_cast<std::uint16_t>(message[0] << 8 | message[1]);
    const auto reply = dns::read_reply(message, id, query.name.wire(), query.type);
    if (!reply || reply->truncated) return std::nullopt;
    Answer out;
    out.rcode = reply->rcode;
    for (const dns::ReplyRecord& record : reply->answer) {
      const auto type = static_cast<dns::Rtype>(record.type);
      if (type == query.type) out.records.insert(dns::rdata_to_string(type, record.rdata));
    }
    return out;
  }

  static Agreement judge(const Ours& ours, const std::optional<Answer>& theirs) {
    if (!theirs) return Agreement::silent;
    if (*theirs == ours.answer) return Agreement::same;
    const bool drawn =
        theirs->rcode == ours.answer.rcode && !theirs->records.empty() &&
        std::includes(ours.possible.begin(), ours.possible.end(), theirs->records.begin(), theirs->records.end());
    return drawn ? Agreement::possible : Agreement::differs;
  }

  const std::vector<engine::ListedQuery>& queries_;
  base::SocketAddress server_;
  engine::Explainer explainer_;
  std::set<std::tuple<std::string, std::set<std::string>, std::set<std::string>>> shown_;
  Shadow out_;
};

std::vector<Cell> row(const std::string& name, const Tally& tally) {
  const std::uint64_t heard = tally.same + tally.possible + tally.differs;
  return {{name},
          {base::with_thousands(heard + tally.silent)},
          {base::with_thousands(tally.same)},
          {base::with_thousands(tally.possible)},
          {base::with_thousands(tally.differs), tally.differs > 0 ? Tone::bad : Tone::plain},
          {base::with_thousands(tally.silent)},
          {heard == 0 ? "-" : percent(static_cast<double>(tally.same + tally.possible) / static_cast<double>(heard))}};
}

std::string table_of(const char* title, const std::map<std::string, Tally>& tallies) {
  Table table({{title},
               {"queries", true},
               {"same", true},
               {"other draw", true},
               {"differ", true},
               {"silent", true},
               {"agree", true}});
  for (const auto& [name, tally] : tallies) table.add(row(name.empty() ? "-" : name, tally));
  return table.render(false);
}

}  // namespace

base::Result<Shadow> shadow(const Present& present, const std::vector<engine::ListedQuery>& queries,
                            const base::SocketAddress& server, const net::ExchangeLimits& limits) {
  std::vector<std::vector<std::uint8_t>> messages;
  messages.reserve(queries.size());
  for (const engine::ListedQuery& query : queries)
    messages.push_back(dns::make_query(0, query.name.wire(), query.type, false, query.client));
  Comparing comparing(present, queries, server);
  const auto done = net::exchange(server, std::move(messages), limits,
                                  [&](std::size_t number, std::optional<std::span<const std::uint8_t>> message) {
                                    comparing.take(number, message);
                                  });
  if (!done) return done.error();
  return comparing.result();
}

std::string render_shadow(const Shadow& shadow, const base::SocketAddress& server) {
  const std::uint64_t heard = shadow.all.same + shadow.all.possible + shadow.all.differs;
  std::string out = base::with_thousands(shadow.all.same + shadow.all.possible) + " of " + base::with_thousands(heard) +
                    " answers of " + base::to_string(server) + " agree";
  if (shadow.all.silent > 0) out += "; " + base::with_thousands(shadow.all.silent) + " questions had no answer";
  out += "\n\n" + table_of("name", shadow.names) + "\n" + table_of("our site", shadow.sites);
  if (!shadow.examples.empty()) out += "\n";
  for (const ShadowExample& example : shadow.examples) {
    out += " " + base::printable(example.query) + "\n   we say    " + base::printable(example.ours) +
           "\n   it says   " + base::printable(example.theirs) + "\n";
  }
  return out;
}

}  // namespace gslb::control
