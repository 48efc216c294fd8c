// HAProxy's statistics (management guide, 9.1 "CSV format"), over HTTP or by `show stat` of the Runtime API.
#include <algorithm>
#include <charconv>
#include <map>

#include "health/feeds/adapter.hpp"

namespace gslb::health {

namespace {

/// The fields of one line; a field may stand in quotes, in which a quote is doubled.
std::vector<std::string> fields_of(std::string_view line) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      out.back() += '"';
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      out.emplace_back();
    } else if (c != '\r') {
      out.back() += c;
    }
  }
  return out;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

/// Columns are found by name: their number differs from version to version.
class Row {
 public:
  Row(const std::map<std::string, std::size_t>& columns, std::vector<std::string> fields)
      : columns_(columns), fields_(std::move(fields)) {}
  std::string_view text(const std::string& column) const {
    const auto found = columns_.find(column);
    return found == columns_.end() || found->second >= fields_.size() ? std::string_view() : fields_[found->second];
  }
  std::optional<std::uint64_t> count(const std::string& column) const { return number(text(column)); }

 private:
  const std::map<std::string, std::size_t>& columns_;
  std::vector<std::string> fields_;
};

/// Statuses come with additions ("UP 1/3", "MAINT (via x)"), so only how they begin counts.
Member member_of(const Row& row) {
  const std::string_view status = row.text("status");
  Member out;
  out.name = row.text("svname");
  out.draining = status.starts_with("DRAIN") || status.starts_with("MAINT") || status.starts_with("NOLB");
  out.up = status.starts_with("UP") || status.starts_with("no check") || status.starts_with("OPEN");
  // What an agent or a slow start leaves of its weight counts, not only what is written.
  out.weight = static_cast<double>(row.count("uweight").value_or(row.count("weight").value_or(1)));
  return out;
}

class Haproxy : public Adapter {
 public:
  explicit Haproxy(const FeedSpec& spec) : backend_(spec.object), target_(spec.target), runtime_api_(spec.plain) {}

  FeedRequest ask(std::string_view) override {
    FeedRequest out;
    if (runtime_api_) out.say = "show stat\n";
    out.target = target_.empty() ? "/stats;csv" : target_;
    return out;
  }

  base::Result<FeedReading> read(const FeedAnswer& answer) override {
    if (!runtime_api_) {
      if (auto good = expect_success(answer, "HAProxy"); !good) return good.error();
    }
    const std::string_view text = answer.body;
    if (!text.starts_with("# pxname,")) return base::Error{"this is no statistics of HAProxy: no line of names"};
    std::map<std::string, std::size_t> columns;
    std::vector<Member> members, reserves;
    std::optional<FeedReading> whole;
    std::optional<double> limit = 0;
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      const std::string_view line = text.substr(begin, end - begin);
      begin = end + 1;
      if (columns.empty()) {
        std::vector<std::string> names = fields_of(line.substr(2));
        for (std::size_t i = 0; i < names.size(); ++i) columns.emplace(std::move(names[i]), i);
        continue;
      }
      const Row row(columns, fields_of(line));
      if (row.text("pxname") != backend_) continue;
      const std::string_view type = row.text("type");
      if (type == "1") whole = backend_row(row);
      if (type != "2") continue;
      (row.text("bck") == "1" ? reserves : members).push_back(member_of(row));
      const auto of_server = row.count("slim");
      if (!of_server || *of_server == 0) limit.reset();  // it takes as many as come
      if (limit) *limit += static_cast<double>(*of_server);
    }
    if (!whole) return base::Error{"HAProxy has no backend \"" + backend_ + "\""};
    FeedReading out = reading_of(members);
    // Servers that stand by count only where nobody else works.
    const FeedReading standing_by = reading_of(reserves);
    if (out.says != FeedSays::serving && standing_by.says == FeedSays::serving) out = standing_by;
    out.connections = whole->connections;
    out.queue = whole->queue;
    out.rate = whole->rate;
    out.response_time = whole->response_time;
    out.requests_counted = whole->requests_counted;
    out.errors_counted = whole->errors_counted;
    if (limit && *limit > 0) out.connection_limit = limit;
    members.insert(members.end(), reserves.begin(), reserves.end());
    members_ = std::move(members);
    return out;
  }

 private:
  static FeedReading backend_row(const Row& row) {
    const auto real = [](std::optional<std::uint64_t> n) {
      return n ? std::optional<double>(static_cast<double>(*n)) : std::nullopt;
    };
    FeedReading out;
    out.connections = real(row.count("scur"));
    out.queue = real(row.count("qcur"));
    out.rate = real(row.count("rate"));
    if (const auto time = row.count("ttime"); time && *time > 0)
      out.response_time = std::chrono::milliseconds(std::min<std::uint64_t>(*time, 3'600'000));
    out.requests_counted = row.count("req_tot");
    if (!out.requests_counted) out.requests_counted = row.count("stot");
    if (const auto wrong = row.count("hrsp_5xx"))
      out.errors_counted = *wrong + row.count("econ").value_or(0) + row.count("eresp").value_or(0);
    return out;
  }

  std::string backend_, target_;
  bool runtime_api_;
};

}  // namespace

std::unique_ptr<Adapter> haproxy_adapter(const FeedSpec& spec) { return std::make_unique<Haproxy>(spec); }

}  // namespace gslb::health
