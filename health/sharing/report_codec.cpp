#include "health/sharing/report_codec.hpp"

#include <algorithm>
#include <bit>

#include "base/hash.hpp"
#include "health/sharing/bits.hpp"

namespace gslb::health {

namespace {

constexpr std::string_view magic = "gslR";
constexpr std::uint64_t version = 1;
constexpr std::size_t checksum_size = 8;
constexpr std::uint16_t most_failed = 1000;

using std::chrono::milliseconds;
using Hundredths = std::chrono::duration<std::int64_t, std::ratio<1, 100'000>>;

constexpr RoundedDown until{4, 8};     // milliseconds
constexpr RoundedDown latency{4, 8};   // 10 microseconds
constexpr RoundedDown returned{5, 8};  // milliseconds
constexpr RoundedDown age{5, 10};      // milliseconds

template <class Unit>
std::uint64_t code(RoundedDown form, base::Duration time) {
  return form.code(
      static_cast<std::uint64_t>(std::max<std::int64_t>(std::chrono::duration_cast<Unit>(time).count(), 0)));
}

template <class Unit>
base::Duration time(RoundedDown form, std::uint64_t code) {
  return Unit(static_cast<std::int64_t>(form.value(code)));
}

/// Low bits of the distance between two targets' numbers: chosen so that `count` distances cost least on average, and
/// never more than a bit each above that.
unsigned low_bits(std::size_t count) {
  const auto spread = static_cast<unsigned>(std::bit_width(count));
  return std::clamp(64U - spread, 1U, 63U);
}

base::Error refused(std::string_view what) { return {"report refused: " + std::string(what)}; }

std::optional<base::Error> fault_of(const Report& report) {
  if (!is_vantage_name(report.vantage)) return refused("the vantage's name is not one");
  if (report.references_up > report.references) return refused("more references answer than there are");
  if (report.references > 0xffff) return refused("it has too many references");
  if (report.opinions.size() > most_opinions)
    return refused("it has " + std::to_string(report.opinions.size()) + " opinions, more than " +
                   std::to_string(most_opinions));
  if (report.shared.size() > most_shared)
    return refused("it has " + std::to_string(report.shared.size()) + " shared states, more than " +
                   std::to_string(most_shared));
  const Opinion* before = nullptr;
  for (const Opinion& opinion : report.opinions) {
    if (before != nullptr && opinion.target <= before->target)
      return refused("its opinions are out of order, or two are on one target");
    if (opinion.verdict > Verdict::down) return refused("a verdict is none");
    if (opinion.failed > most_failed) return refused("a share of failures is above 1");
    if (!opinion.in_motion && opinion.until_change != base::Duration{})
      return refused("a verdict at rest says when it changes");
    if (opinion.returned && opinion.verdict == Verdict::down) return refused("what is down says when it came back");
    if (opinion.until_change < base::Duration{} || opinion.latency < base::Duration{} ||
        (opinion.returned && *opinion.returned < base::Duration{}))
      return refused("a time is negative");
    before = &opinion;
  }
  for (const SharedState& state : report.shared)
    if (state.age < base::Duration{}) return refused("a time is negative");
  return std::nullopt;
}

void put_opinions(BitWriter& out, const std::vector<Opinion>& opinions) {
  const unsigned low = low_bits(opinions.size());
  std::uint64_t before = 0;
  for (const Opinion& opinion : opinions) {
    const std::uint64_t distance = opinion.target - before;
    out.put_unary(distance >> low);
    out.put(distance & ((std::uint64_t{1} << low) - 1), low);
    out.put(static_cast<std::uint64_t>(opinion.verdict), 2);
    out.put(opinion.in_motion ? 1 : 0, 1);
    out.put(code<milliseconds>(until, opinion.until_change), until.width());
    out.put(code<Hundredths>(latency, opinion.latency), latency.width());
    out.put(opinion.failed, 10);
    out.put(opinion.returned ? 1 : 0, 1);
    out.put(opinion.returned ? code<milliseconds>(returned, *opinion.returned) : 0, returned.width());
    before = opinion.target;
  }
}

/// Whether what is left can be so many opinions.
bool read_opinions(BitReader& in, std::size_t count, std::vector<Opinion>& out) {
  const unsigned low = low_bits(count);
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < count && !in.overrun(); ++i) {
    Opinion opinion;
    const std::uint64_t high = in.get_unary();
    if (high > std::uint64_t{0xffffffffffffffff} >> low) return false;
    const std::uint64_t distance = high << low | in.get(low);
    if (distance > 0xffffffffffffffff - before) return false;
    opinion.target = before + distance;
    opinion.verdict = static_cast<Verdict>(in.get(2));
    opinion.in_motion = in.get(1) == 1;
    opinion.until_change = time<milliseconds>(until, in.get(until.width()));
    opinion.latency = time<Hundredths>(latency, in.get(latency.width()));
    opinion.failed = static_cast<std::uint16_t>(in.get(10));
    const bool came_back = in.get(1) == 1;
    const std::uint64_t when = in.get(returned.width());
    if (came_back) opinion.returned = time<milliseconds>(returned, when);
    if (!came_back && when != 0) return false;
    before = opinion.target;
    out.push_back(opinion);
  }
  return true;
}

}  // namespace

bool is_vantage_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= longest_vantage && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  });
}

Report rounded(Report report) {
  for (Opinion& opinion : report.opinions) {
    opinion.until_change = time<milliseconds>(until, code<milliseconds>(until, opinion.until_change));
    opinion.latency = time<Hundredths>(latency, code<Hundredths>(latency, opinion.latency));
    if (opinion.returned)
      opinion.returned = time<milliseconds>(returned, code<milliseconds>(returned, *opinion.returned));
  }
  for (SharedState& state : report.shared) state.age = time<milliseconds>(age, code<milliseconds>(age, state.age));
  return report;
}

base::Result<std::string> write_report(const Report& report) {
  if (auto fault = fault_of(report)) return *fault;
  BitWriter bits;
  bits.put(report.vantage.size(), 8);
  for (const char c : report.vantage) bits.put(static_cast<unsigned char>(c), 8);
  bits.put(report.incarnation, 64);
  bits.put(report.sequence, 64);
  bits.put(report.configuration, 64);
  bits.put(report.settled ? 1 : 0, 1);
  bits.put(report.references, 16);
  bits.put(report.references_up, 16);
  bits.put(report.opinions.size(), 16);
  bits.put(report.shared.size(), 16);
  put_opinions(bits, report.opinions);
  for (const SharedState& state : report.shared) {
    bits.put(state.key, 64);
    bits.put(state.value, 32);
    bits.put(code<milliseconds>(age, state.age), age.width());
  }
  std::string out(magic);
  out += static_cast<char>(version);
  out += bits.take();
  std::uint64_t sum = base::hash_bytes(out);
  for (std::size_t i = 0; i < checksum_size; ++i, sum >>= 8) out += static_cast<char>(sum);
  return out;
}

base::Result<Report> parse_report(std::string_view octets) {
  if (octets.size() > longest_report)
    return refused("it has " + std::to_string(octets.size()) + " octets, more than " + std::to_string(longest_report));
  if (!octets.starts_with(magic)) return refused("it is not a report");
  if (octets.size() < magic.size() + 1 + checksum_size) return refused("it is cut short");
  const auto found = static_cast<unsigned char>(octets[magic.size()]);
  if (found != version)
    return refused("it is of version " + std::to_string(found) + "; this release knows version " +
                   std::to_string(version));
  const std::string_view summed = octets.substr(0, octets.size() - checksum_size);
  std::uint64_t sum = 0;
  for (std::size_t i = checksum_size; i-- > 0;) sum = sum << 8 | static_cast<unsigned char>(octets[summed.size() + i]);
  if (sum != base::hash_bytes(summed)) return refused("its checksum is wrong: it was damaged or cut short");

  BitReader in(summed.substr(magic.size() + 1));
  Report report;
  const std::size_t name = in.get(8);
  for (std::size_t i = 0; i < name && !in.overrun(); ++i) report.vantage += static_cast<char>(in.get(8));
  report.incarnation = in.get(64);
  report.sequence = in.get(64);
  report.configuration = in.get(64);
  report.settled = in.get(1) == 1;
  report.references = static_cast<unsigned>(in.get(16));
  report.references_up = static_cast<unsigned>(in.get(16));
  const std::size_t opinions = in.get(16);
  const std::size_t shared = in.get(16);
  if (opinions > most_opinions) return refused("it has more than " + std::to_string(most_opinions) + " opinions");
  if (!read_opinions(in, opinions, report.opinions)) return refused("an opinion cannot be read");
  for (std::size_t i = 0; i < shared && !in.overrun(); ++i) {
    SharedState& state = report.shared.emplace_back();
    state.key = in.get(64);
    state.value = static_cast<std::uint32_t>(in.get(32));
    state.age = time<milliseconds>(age, in.get(age.width()));
  }
  if (!in.at_end()) return refused(in.overrun() ? "it holds less than it says" : "it holds more than it says");
  if (auto fault = fault_of(report)) return *fault;
  return report;
}

}  // namespace gslb::health
