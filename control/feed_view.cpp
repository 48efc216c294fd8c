#include "control/feed_view.hpp"

#include <cstdio>

#include "base/text.hpp"
#include "control/json_parts.hpp"
#include "control/table.hpp"

namespace gslb::control {

namespace {

json::value number(const std::optional<double>& value) {
  if (!value) return nullptr;
  return finite(*value);
}

std::string percent(double share) {
  char out[32];
  std::snprintf(out, sizeof out, "%.0f%%", share * 100);
  return out;
}

std::string rounded(double value) {
  char out[32];
  std::snprintf(out, sizeof out, value < 10 ? "%.1f" : "%.0f", value);
  return out;
}

Cell says_cell(const FeedView& feed) {
  if (!feed.known) return {"nothing", Tone::warning};
  if (feed.says == "failing") return {feed.says, Tone::bad};
  if (feed.says == "draining") return {feed.says, Tone::warning};
  return feed.says == "serving" ? Cell{feed.says, Tone::good} : Cell{"load only", Tone::plain};
}

std::string load_of(const FeedView& feed) {
  std::string out;
  const auto add = [&](const std::string& part) { (out += out.empty() ? "" : ", ") += part; };
  if (feed.utilization) add(percent(*feed.utilization) + " used");
  if (feed.connections)
    add(rounded(*feed.connections) + (feed.connection_limit ? " of " + rounded(*feed.connection_limit) : "") +
        " connections");
  if (feed.queue && *feed.queue > 0) add(rounded(*feed.queue) + " queued");
  if (feed.rate) add(rounded(*feed.rate) + " req/s");
  if (feed.errors && *feed.errors > 0) add(percent(*feed.errors) + " errors");
  if (feed.response_time > base::Duration{}) add(base::human_duration(feed.response_time));
  return out;
}

std::string remarks(const FeedView& feed) {
  std::string out;
  const auto add = [&](const std::string& part) { (out += out.empty() ? "" : "; ") += part; };
  if (feed.disagrees) add("probes succeed all the same: they decide, and somebody should look");
  if (!feed.problem.empty()) add(feed.problem);
  std::string broken;
  for (const std::string& member : feed.broken) (broken += broken.empty() ? "" : ", ") += member;
  if (!broken.empty()) add("without " + broken);
  if (!feed.here && !feed.known) add("is read by a vantage of the site, which has not said anything");
  return out;
}

}  // namespace

std::string to_json(const std::vector<FeedView>& feeds) {
  json::array list;
  for (const FeedView& feed : feeds) {
    list.emplace_back(json::object{{"name", utf8(feed.name)},
                                   {"site", utf8(feed.site)},
                                   {"kind", utf8(feed.kind)},
                                   {"known", feed.known},
                                   {"says", utf8(feed.says)},
                                   {"share", finite(feed.share)},
                                   {"utilization", number(feed.utilization)},
                                   {"age", seconds(feed.age)},
                                   {"disagrees", feed.disagrees},
                                   {"here", feed.here},
                                   {"asked", feed.asked},
                                   {"failed", feed.failed},
                                   {"problem", utf8(feed.problem)},
                                   {"members", feed.members},
                                   {"usable", feed.usable},
                                   {"connections", number(feed.connections)},
                                   {"connection_limit", number(feed.connection_limit)},
                                   {"queue", number(feed.queue)},
                                   {"rate", number(feed.rate)},
                                   {"errors", number(feed.errors)},
                                   {"response_time", seconds(feed.response_time)},
                                   {"broken", strings(feed.broken)}});
  }
  return line({{"feeds", std::move(list)}});
}

base::Result<std::vector<FeedView>> feeds_from_json(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return object.error();
  std::vector<FeedView> out;
  Reader(*object).each("feeds", [&](const Reader& in) {
    FeedView& feed = out.emplace_back();
    in.read("name", feed.name);
    in.read("site", feed.site);
    in.read("kind", feed.kind);
    in.read("known", feed.known);
    in.read("says", feed.says);
    in.read("share", feed.share);
    in.read("utilization", feed.utilization);
    in.read("age", feed.age);
    in.read("disagrees", feed.disagrees);
    in.read("here", feed.here);
    in.read("asked", feed.asked);
    in.read("failed", feed.failed);
    in.read("problem", feed.problem);
    in.read("members", feed.members);
    in.read("usable", feed.usable);
    in.read("connections", feed.connections);
    in.read("connection_limit", feed.connection_limit);
    in.read("queue", feed.queue);
    in.read("rate", feed.rate);
    in.read("errors", feed.errors);
    in.read("response_time", feed.response_time);
    in.read("broken", feed.broken);
  });
  return out;
}

std::string render_feeds(const std::vector<FeedView>& feeds, bool color) {
  if (feeds.empty()) return " no feeds: `feeds` in the configuration names what sites' balancers are asked\n";
  Table table(
      {{"FEED"}, {"SITE"}, {"KIND"}, {"SAYS"}, {"MEMBERS", true}, {"WEIGHT", true}, {"AGE", true}, {"LOAD"}, {""}});
  for (const FeedView& feed : feeds) {
    const bool counted = feed.here && feed.members > 0;
    table.add({{feed.name},
               {feed.site},
               {feed.kind},
               says_cell(feed),
               {counted ? std::to_string(feed.usable) + "/" + std::to_string(feed.members) : "-"},
               {percent(feed.share), feed.share < 1 ? Tone::warning : Tone::plain},
               {feed.known ? base::human_duration(feed.age) : "-"},
               {load_of(feed)},
               {remarks(feed), feed.disagrees ? Tone::bad : Tone::warning}});
  }
  return table.render(color);
}

}  // namespace gslb::control
