#include "control/prove_view.hpp"

#include "base/text.hpp"
#include "control/explain_view.hpp"
#include "control/table.hpp"

namespace gslb::control {

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::string at(const base::SourcePosition& where) {
  if (where.file == nullptr) return {};
  return "   " + where.file->path + ":" + std::to_string(where.line) + ":" + std::to_string(where.column);
}

}  // namespace

std::string words_of(const engine::Notice& notice) {
  if (!notice.filter) return "nothing is probed by it";
  return std::string("`") + name_of(*notice.filter) + "` changes nothing for any client";
}

std::string render_proof(const engine::Proof& proof, base::Duration took) {
  std::string out;
  std::size_t broken = 0;
  std::size_t asked = 0;
  for (const engine::Check& check : proof.checks) {
    if (check.subjects == 0) continue;
    ++asked;
    out += padded(engine::to_string(check.kind), 10);
    if (check.broken == 0) {
      out += "holds   " + base::printable(check.held) + "\n";
      continue;
    }
    ++broken;
    out += "BROKEN  " + base::with_thousands(check.broken) + " of " + base::with_thousands(check.subjects) + "\n";
    for (const engine::Finding& finding : proof.findings) {
      if (finding.kind != check.kind) continue;
      out += "  " + base::printable(finding.subject + ": " + finding.what + at(finding.where)) + "\n";
      if (finding.kind == engine::Finding::Kind::reach || finding.kind == engine::Finding::Kind::dnssec) continue;
      out += "    smallest example: ";
      out += finding.failed.empty() ? "nothing failed" : base::printable(joined(finding.failed)) + " down";
      if (finding.network) out += ", client " + base::to_string(*finding.network);
      out += "\n";
    }
  }
  for (const engine::Notice& notice : proof.notices)
    out += "notice    " + base::printable(notice.subject + ": " + words_of(notice) + at(notice.where)) + "\n";
  out += broken == 0 ? "all " + std::to_string(asked) + " hold"
                     : std::to_string(broken) + " of " + std::to_string(asked) + " broken";
  return out + " (" + base::human_duration(took) + ")\n";
}

}  // namespace gslb::control
