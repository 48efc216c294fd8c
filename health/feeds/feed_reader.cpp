#include "health/feeds/feed_reader.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/file.hpp"
#include "base/random.hpp"
#include "health/feeds/adapter.hpp"
#include "net/dialogue.hpp"
#include "net/http_client.hpp"

namespace gslb::health {

namespace asio = boost::asio;

namespace {

constexpr std::size_t longest_answer = std::size_t{4} << 20;
constexpr std::chrono::seconds longest_rest{60};
/// Answers that a source holds back until something changes may come in a row; no faster than this.
constexpr std::chrono::seconds shortest_pause{1};

/// What an answer of any transport comes to: the answer, or why there is none.
struct Came {
  FeedAnswer answer;
  std::string problem;
  base::Duration took{};
};

}  // namespace

struct FeedReader::Impl {
  struct Feed {
    FeedState state;
    std::unique_ptr<Adapter> adapter;
    RateMeter meter;
    asio::steady_timer timer;
    base::Duration rest{};  ///< how long it rested after its last failure; 0: it did not fail
    std::optional<std::uint64_t> request;
    std::unique_ptr<net::DialogueClient::Running> dialogue;
  };

  Impl(asio::io_context& c, std::uint64_t seed, Read r)
      : context(c), random(seed), read(std::move(r)), http(c), dialogues(c) {}

  void follow(const std::vector<FeedSpec>& specs) {
    std::vector<std::unique_ptr<Feed>> next;
    for (const FeedSpec& spec : specs) {
      const auto known =
          std::ranges::find_if(feeds, [&](const auto& feed) { return feed && feed->state.spec == spec; });
      if (known != feeds.end()) {
        next.push_back(std::move(*known));
        continue;
      }
      next.push_back(std::make_unique<Feed>(Feed{{}, make_adapter(spec), {}, asio::steady_timer(context), {}, {}, {}}));
      next.back()->state.spec = spec;
    }
    ++round;
    std::swap(feeds, next);
    for (const auto& gone : next)
      if (gone && gone->request) http.cancel(*gone->request);
    for (std::size_t f = 0; f < feeds.size(); ++f) {
      // Places may be others now, which the handlers know by.
      Feed& feed = *feeds[f];
      if (feed.request) http.cancel(*feed.request);
      feed.request.reset();
      feed.dialogue.reset();
      wait(f, spread(std::chrono::milliseconds(200)));
    }
  }

  /// Up to `most`, so that not all are asked at the same moment.
  base::Duration spread(base::Duration most) {
    return base::Duration(static_cast<std::int64_t>(random.below(
               static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::microseconds>(most).count() + 1)))) *
           1000;
  }

  void wait(std::size_t f, base::Duration pause) {
    Feed& feed = *feeds[f];
    feed.timer.expires_after(pause);
    feed.timer.async_wait([this, f, now = round](const boost::system::error_code& error) {
      if (!error && now == round) ask(f);
    });
  }

  void ask(std::size_t f) {
    Feed& feed = *feeds[f];
    ++feed.state.asked;
    const FeedSpec& spec = feed.state.spec;
    std::string secret;
    if (!spec.secret_file.empty()) {
      const auto kept = base::read_file(spec.secret_file, 16384);
      if (!kept) return come(f, {{}, kept.error().what, {}}, {});
      secret = kept->substr(0, kept->find_first_of("\r\n"));
    }
    const FeedRequest asked = feed.adapter->ask(secret);
    if (spec.plain) {
      speak(f, asked);
    } else {
      fetch(f, asked);
    }
  }

  void fetch(std::size_t f, const FeedRequest& asked) {
    const FeedSpec& spec = feeds[f]->state.spec;
    net::HttpRequest request;
    request.to = spec.to;
    request.unix_path = spec.unix_path;
    request.tls = spec.tls;
    request.tls_options = {.sni = spec.host, .ca_file = spec.ca, .certificate = {}, .key = {}};
    request.host = spec.host;
    request.method = asked.method;
    request.target = asked.target;
    request.headers = asked.headers;
    request.body = asked.body;
    request.body_limit = longest_answer;
    request.connect_deadline = base::steady_now() + spec.timeout;
    request.deadline = base::steady_now() + spec.timeout + asked.waits;
    feeds[f]->request = http.send(std::move(request), [this, f, waits = asked.waits](net::HttpResponse response) {
      feeds[f]->request.reset();
      Came came{{response.status, std::move(response.headers), std::move(response.body)}, {}, response.total_time};
      if (response.reached != net::Phase::done) came.problem = in_words(response);
      this->come(f, std::move(came), waits);
    });
  }

  void speak(std::size_t f, const FeedRequest& asked) {
    const FeedSpec& spec = feeds[f]->state.spec;
    net::DialogueRequest request;
    request.to = spec.to;
    request.unix_path = spec.unix_path;
    request.say = asked.say;
    request.limit = longest_answer;
    request.deadline = base::steady_now() + spec.timeout;
    request.enough = [until = asked.until](std::string_view heard) { return heard.ends_with(until); };
    feeds[f]->dialogue = dialogues.start(std::move(request), [this, f](net::DialogueResult result) {
      Came came{{0, {}, std::move(result.heard)}, {}, result.total_time};
      if (result.reached != net::Phase::done) came.problem = in_words(result);
      const auto over = std::move(feeds[f]->dialogue);
      come(f, std::move(came), {});
    });
  }

  static std::string in_words(const net::StreamOutcome& outcome) {
    return std::string(net::to_string(outcome.reached)) + ": " + (outcome.timed_out ? "timed out" : outcome.problem);
  }

  void come(std::size_t f, Came came, base::Duration waits) {
    Feed& feed = *feeds[f];
    feed.state.took = came.took;
    if (came.problem.empty()) {
      auto reading = feed.adapter->read(came.answer);
      if (reading) {
        const base::SteadyTime now = base::steady_now();
        feed.meter.add(*reading, now);
        feed.state.reading = *reading;
        feed.state.members = feed.adapter->members();
        feed.state.read = now;
        feed.state.problem.clear();
        feed.rest = {};
        const base::Duration interval = feed.state.spec.interval;
        const base::Duration pause = waits > base::Duration{} ? base::Duration(shortest_pause) : interval * 9 / 10;
        wait(f, pause + spread(interval / 5));
        return read(f);
      }
      came.problem = reading.error().what;
    } else {
      feed.adapter->lost();
    }
    ++feed.state.failed;
    feed.state.problem = std::move(came.problem);
    feed.rest = std::clamp<base::Duration>(2 * feed.rest, feed.state.spec.interval,
                                           std::max<base::Duration>(longest_rest, feed.state.spec.interval));
    wait(f, feed.rest / 2 + spread(feed.rest / 2));
  }

  asio::io_context& context;
  base::Random random;
  Read read;
  std::vector<std::unique_ptr<Feed>> feeds;
  unsigned round = 0;  ///< of follow(): places are others afterwards
  net::HttpClient http;
  net::DialogueClient dialogues;
};

FeedReader::FeedReader(asio::io_context& context, std::uint64_t seed, Read read)
    : impl_(std::make_unique<Impl>(context, seed, std::move(read))) {}
FeedReader::~FeedReader() = default;

void FeedReader::follow(const std::vector<FeedSpec>& feeds) { impl_->follow(feeds); }

std::vector<FeedState> FeedReader::states() const {
  std::vector<FeedState> out;
  for (const auto& feed : impl_->feeds) out.push_back(feed->state);
  return out;
}

const FeedState& FeedReader::state(std::size_t feed) const { return impl_->feeds[feed]->state; }

}  // namespace gslb::health
