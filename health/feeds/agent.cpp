// What answers HAProxy's agent-check (configuration manual, 5.2 "agent-check"): words of a line, in any order; "#"
// begins a remark.
#include <charconv>

#include "health/feeds/adapter.hpp"

namespace gslb::health {

namespace {

std::optional<double> percent(std::string_view word) {
  unsigned out = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), out);
  if (error != std::errc() || end + 1 != word.data() + word.size() || *end != '%') return std::nullopt;
  return std::min(out, 100U) / 100.0;  // HAProxy takes more than the configured weight, too: that is all there is
}

class Agent : public Adapter {
 public:
  explicit Agent(const FeedSpec& spec) : say_(spec.object.empty() ? "" : spec.object + "\n") {}

  FeedRequest ask(std::string_view) override {
    FeedRequest out;
    out.say = say_;
    out.until = "\n";
    return out;
  }

  base::Result<FeedReading> read(const FeedAnswer& answer) override {
    std::string_view line = answer.body;
    line = line.substr(0, line.find_first_of("\r\n#"));
    FeedReading out;
    bool drained = false, down = false, said = false;
    while (!line.empty()) {
      const std::size_t end = std::min(line.find_first_of(" \t,"), line.size());
      const std::string_view word = line.substr(0, end);
      line.remove_prefix(std::min(end + 1, line.size()));
      const auto share = percent(word);
      if (share) out.capacity = *share;
      drained = drained || word == "drain" || word == "maint" || (share && *share == 0);
      down = down || word == "down" || word == "failed" || word == "stopped";
      said = said || share || drained || down || word == "up" || word == "ready";
    }
    if (!said) return base::Error{"the agent says neither a weight nor a state"};
    out.members = 1;
    out.usable = drained || down ? 0 : 1;
    if (out.usable == 0) out.capacity = 0;
    out.says = down ? FeedSays::failing : drained ? FeedSays::draining : FeedSays::serving;
    return out;
  }

 private:
  std::string say_;
};

}  // namespace

std::unique_ptr<Adapter> agent_adapter(const FeedSpec& spec) { return std::make_unique<Agent>(spec); }

}  // namespace gslb::health
