// nginx's stub_status: load only, for it knows nothing of upstreams.
#include <charconv>

#include "health/feeds/adapter.hpp"

namespace gslb::health {

namespace {

/// The number that follows `word`; from there on what comes after it.
std::optional<std::uint64_t> number_after(std::string_view& text, std::string_view word) {
  const auto found = text.find(word);
  if (found == std::string_view::npos) return std::nullopt;
  text.remove_prefix(found + word.size());
  text.remove_prefix(std::min(text.find_first_not_of(" \n"), text.size()));
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return out;
}

class StubStatus : public Adapter {
 public:
  explicit StubStatus(const FeedSpec& spec) : target_(spec.target) {}

  FeedRequest ask(std::string_view) override {
    FeedRequest out;
    out.target = target_.empty() ? "/stub_status" : target_;
    return out;
  }

  base::Result<FeedReading> read(const FeedAnswer& answer) override {
    if (auto good = expect_success(answer, "nginx"); !good) return good.error();
    std::string_view text = answer.body;
    const auto active = number_after(text, "Active connections:");
    const auto accepted = number_after(text, "server accepts handled requests");
    const auto handled = number_after(text, "");
    const auto requests = number_after(text, "");
    const auto waiting = number_after(text, "Waiting:");
    if (!active || !accepted || !handled || !requests || !waiting) return base::Error{"this is no page of stub_status"};
    FeedReading out;
    // Those that wait are connections kept open without a request.
    out.connections = static_cast<double>(*active - std::min(*active, *waiting));
    out.requests_counted = *requests;
    return out;
  }

 private:
  std::string target_;
};

}  // namespace

std::unique_ptr<Adapter> stub_status_adapter(const FeedSpec& spec) { return std::make_unique<StubStatus>(spec); }

}  // namespace gslb::health
