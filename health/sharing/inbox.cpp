#include "health/sharing/inbox.hpp"

#include <algorithm>

#include "health/sharing/report_codec.hpp"

namespace gslb::health {

namespace {

std::uint64_t milliseconds(base::WallTime time) {
  const auto count = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(count, 0));
}

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out.append(out.empty() ? "" : ", ").append(name);
  return out.empty() ? "nobody" : out;
}

}  // namespace

void Inbox::follow(const std::vector<std::string>& vantages) {
  decltype(senders_) next;
  for (const std::string& name : vantages) next[name] = std::move(senders_[name]);
  senders_ = std::move(next);
}

Inbox::Taken Inbox::take(const std::vector<std::string>& certificate, std::string_view octets, base::WallTime wall,
                         base::SteadyTime now) {
  auto sender = senders_.end();
  for (const std::string& name : certificate) {
    const auto found = senders_.find(name);
    if (found == senders_.end()) continue;
    if (sender != senders_.end() && sender != found) {
      ++foreign_;
      return {Outcome::foreign, "the certificate is that of several vantages: " + listed(certificate), {}};
    }
    sender = found;
  }
  if (sender == senders_.end()) {
    ++foreign_;
    return {Outcome::foreign, "the certificate is not that of another vantage, but of " + listed(certificate), {}};
  }
  const auto refuse = [&state = sender->second](Outcome outcome, std::string problem) {
    ++state.refused;
    state.problem = problem;
    return Taken{outcome, std::move(problem), {}, state.incarnation};
  };
  auto report = parse_report(octets);
  if (!report) return refuse(Outcome::malformed, report.error().what);
  if (report->vantage != sender->first)
    return refuse(Outcome::foreign, "the report is of " + report->vantage + ", the certificate of " + sender->first);
  if (report->incarnation > milliseconds(wall + most_ahead))
    return refuse(Outcome::ahead, "the report comes from a start in the future: one of the two clocks is wrong");
  Sender& state = sender->second;
  if (state.heard && std::pair(report->incarnation, report->sequence) <= std::pair(state.incarnation, state.sequence))
    return refuse(Outcome::old, "the report is not newer than the last");
  state.incarnation = report->incarnation;
  state.sequence = report->sequence;
  state.heard = now;
  state.problem.clear();
  ++state.taken;
  return {Outcome::taken, {}, std::move(*report)};
}

}  // namespace gslb::health
