#include "server/challenge_keeper.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "base/file.hpp"
#include "base/log.hpp"
#include "base/source.hpp"
#include "zones/challenges.hpp"

namespace gslb::server {

namespace {

constexpr auto longest_pause = std::chrono::minutes(1);  // the wall clock may be set meanwhile
constexpr std::size_t most_octets = std::size_t{1} << 20;

/// RFC 8555 section 8.4: a digest in base64url. Not its length: a CA may one day want another digest.
bool is_value(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return !text.empty() && text.size() <= 255 && text.find_first_not_of(alphabet) == std::string_view::npos;
}

/// "EXPIRES NAME VALUE", as save() writes it.
std::optional<engine::Challenge> parse_line(std::string_view line) {
  const std::size_t first = line.find(' '), second = line.find(' ', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return std::nullopt;
  engine::Challenge out;
  const auto end = std::from_chars(line.data(), line.data() + first, out.expires);
  const auto name = dns::Name::parse(line.substr(first + 1, second - first - 1));
  out.value = line.substr(second + 1);
  if (end.ec != std::errc() || end.ptr != line.data() + first || !name || !is_value(out.value)) return std::nullopt;
  out.name = *name;
  return out;
}

control::ChallengeView view_of(const engine::Challenge& challenge) {
  return {without_dot(challenge.name), challenge.value, base::WallTime(std::chrono::seconds(challenge.expires))};
}

/// The nearest of the names at which something can be set, as people write them.
std::string hint_for(const engine::Snapshot& snapshot, const dns::Name& wanted) {
  std::vector<std::string> names;
  for (const auto& zone : snapshot.zones.all())
    for (const dns::Name& name : zone->challenge_names()) names.push_back(without_dot(name.parent()));
  const std::string near = base::nearest_word(without_dot(wanted.parent()), names);
  if (!near.empty()) return "did you mean \"" + near + "\"?";
  return "it can be set for services and for the apex of a zone that has services, unless the zone has records there";
}

}  // namespace

std::optional<dns::Name> challenge_place(const std::string& text) {
  auto name = dns::Name::parse(text);
  if (!name || name->is_root()) return std::nullopt;
  if (text.starts_with(std::string(zones::challenge_label) + ".")) return name;
  const auto wire = zones::challenge_name(name->wire());
  if (wire.size() > dns::max_name) return std::nullopt;
  return dns::Name::from_wire(wire);
}

std::string without_dot(const dns::Name& name) {
  std::string text = name.to_string();
  if (text.size() > 1) text.pop_back();
  return text;
}

void ChallengeKeeper::open(const std::string& state_directory) {
  if (!path_.empty() || state_directory.empty()) return;
  path_ = state_directory + "/challenges";
  std::error_code error;
  if (!std::filesystem::exists(path_, error)) return;
  const auto text = base::read_file(path_, most_octets);
  if (!text) return base::log_warning("kept ACME challenges cannot be used: " + text.error().what);
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const auto challenge = parse_line(line);
    if (challenge && list_.size() < most_challenges) {
      list_.push_back(*challenge);
    } else {
      base::log_warning("a kept ACME challenge cannot be used", {{"file.path", path_}, {"line", line}});
    }
  }
}

const std::vector<engine::Challenge>& ChallengeKeeper::list() {
  const std::int64_t now = signatures_.clock().now;
  if (std::erase_if(list_, [now](const engine::Challenge& c) { return c.expires <= now; }) > 0) save();
  return list_;
}

void ChallengeKeeper::save() {
  if (path_.empty()) return;
  std::string text;
  for (const engine::Challenge& c : list_)
    text += std::to_string(c.expires) + " " + c.name.to_string() + " " + c.value + "\n";
  if (const auto written = base::write_file_atomically(path_, text); !written) base::log_warning(written.error().what);
}

void ChallengeKeeper::view(std::function<void(std::vector<control::ChallengeView>)> done) {
  const auto views = std::make_shared<std::vector<control::ChallengeView>>();
  republisher_.republish(
      [this, views](engine::Snapshot&) {
        for (const engine::Challenge& c : list()) views->push_back(view_of(c));
        return false;
      },
      [views, done = std::move(done)] { done(*views); });
}

void ChallengeKeeper::order(control::ChallengeOrder order, Done done) {
  const auto outcome = std::make_shared<control::ChallengeOutcome>();
  republisher_.republish(
      [this, order = std::move(order), outcome](engine::Snapshot& next) { return apply(next, order, *outcome); },
      [this, outcome, done = std::move(done)] {
        done(*outcome);
        look();
      });
}

bool ChallengeKeeper::apply(engine::Snapshot& snapshot, const control::ChallengeOrder& order,
                            control::ChallengeOutcome& outcome) {
  const std::int64_t now = signatures_.clock().now;
  const auto refuse = [&](std::string error, std::string hint) {
    outcome.error = std::move(error);
    outcome.hint = std::move(hint);
    return false;
  };
  const bool clears = order.lasts == base::Duration::zero();
  const auto name = challenge_place(order.name);
  if (!name) return refuse("\"" + order.name + "\" is no domain name", {});
  if (!(clears && order.value.empty()) && !is_value(order.value))
    return refuse("\"" + order.value + "\" is no challenge: it has 1 to 255 letters, digits, - and _",
                  "what an ACME client gives its DNS hook");
  if (order.lasts > longest) return refuse("a challenge lasts 7 days at most", {});
  auto next = list();
  outcome.name = without_dot(*name);
  const auto here = [&](const engine::Challenge& c) { return c.name == *name; };
  const auto meant = [&](const engine::Challenge& c) {
    return here(c) && (order.value.empty() || c.value == order.value);
  };
  if (!engine::challenge_zone(snapshot, *name) && !(clears && std::ranges::any_of(next, here)))
    return refuse("no challenge can be set at " + outcome.name, hint_for(snapshot, *name));
  std::erase_if(next, meant);
  if (!clears) {
    if (std::ranges::count_if(next, here) >= static_cast<std::ptrdiff_t>(most_values))
      return refuse(outcome.name + " has " + std::to_string(most_values) + " values already", "clear one");
    if (next.size() >= most_challenges)
      return refuse(std::to_string(most_challenges) + " challenges are set already", "clear some");
    const auto lasts = std::chrono::duration_cast<std::chrono::seconds>(order.lasts).count();
    next.push_back({*name, order.value, now + std::max<std::int64_t>(lasts, 1)});
  }
  const auto changed = engine::set_challenges(snapshot, next, signatures_.store(), signatures_.clock());
  if (!changed) return refuse("it cannot be signed: " + changed.error().what, {});
  list_ = std::move(next);
  save();
  for (const engine::Challenge& c : list_)
    if (here(c)) outcome.values.push_back(view_of(c));
  base::log_info(clears ? "ACME challenge cleared" : "ACME challenge set", {{"dns.question.name", outcome.name}});
  return *changed;
}

/// Takes out what has expired, and comes again when the next does.
void ChallengeKeeper::look() {
  const auto left = std::make_shared<std::optional<std::int64_t>>();  // seconds
  republisher_.republish(
      [this, left](engine::Snapshot& snapshot) {
        const zones::ClockReading clock = signatures_.clock();
        for (const engine::Challenge& c : list())
          *left = std::min(left->value_or(c.expires - clock.now), c.expires - clock.now);
        const auto changed = engine::set_challenges(snapshot, list_, signatures_.store(), clock);
        if (!changed) base::log_warning("ACME challenges cannot be signed: " + changed.error().what);
        return changed && *changed;
      },
      [this, left] {
        timer_.cancel();
        if (!*left) return;
        timer_.expires_after(
            std::clamp<base::Duration>(std::chrono::seconds(**left), std::chrono::milliseconds(100), longest_pause));
        timer_.async_wait([this](const boost::system::error_code& error) {
          if (!error) look();
        });
      });
}

}  // namespace gslb::server
