#include "server/remote_probes.hpp"

#include <algorithm>

namespace gslb::server {

void RemoteProbes::ask(const std::vector<std::string>& vantages, std::vector<std::uint64_t> targets,
                       base::Duration patience, Done done) {
  if (vantages.empty()) return done({});
  const std::uint64_t id = ++last_;
  Question& question = questions_[id];
  question.targets = std::move(targets);
  for (const std::string& vantage : vantages) question.asked.push_back({{vantage, {}, {}}});
  question.done = std::move(done);
  question.patience = std::make_unique<boost::asio::steady_timer>(context_);
  question.patience->expires_after(patience);
  question.patience->async_wait([this, id](const boost::system::error_code& error) {
    if (!error) end(id);
  });
}

std::vector<health::ProbeAsk> RemoteProbes::asks_of(const std::string& vantage) {
  std::vector<health::ProbeAsk> out;
  for (auto& [id, question] : questions_) {
    for (Asked& one : question.asked) {
      if (one.probe.vantage != vantage || one.told || out.size() == health::most_asks) continue;
      one.told = true;
      out.push_back({id, question.targets});
    }
  }
  return out;
}

void RemoteProbes::answered(const std::string& vantage, health::ProbeAnswer answer) {
  const auto found = questions_.find(answer.id);
  if (found == questions_.end()) return;
  auto& asked = found->second.asked;
  const auto one = std::ranges::find_if(asked, [&](const Asked& a) { return a.probe.vantage == vantage && a.told; });
  if (one == asked.end() || one->settled) return;
  one->settled = true;
  const auto& targets = found->second.targets;
  std::erase_if(answer.outcomes, [&](const health::ProbeOutcome& outcome) {
    return std::ranges::find(targets, outcome.target) == targets.end();
  });
  one->probe.outcomes = std::move(answer.outcomes);
  if (std::ranges::all_of(asked, &Asked::settled)) end(answer.id);
}

void RemoteProbes::end(std::uint64_t id) {
  const auto question = questions_.extract(id);
  std::vector<RemoteProbe> out;
  for (Asked& one : question.mapped().asked) {
    if (!one.settled)
      one.probe.problem = one.told ? "it has not answered" : "it has not come to be asked: no report of it";
    out.push_back(std::move(one.probe));
  }
  question.mapped().done(std::move(out));
}

}  // namespace gslb::server
