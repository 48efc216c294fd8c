#include "control/ctl_render.hpp"

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "base/file.hpp"
#include "control/json.hpp"
#include "control/template.hpp"
#include "control/views.hpp"

namespace gslb::control {

namespace {

struct Outcome {
  bool changed = false;
  std::optional<Failure> failure;
};

Outcome failed(Exit code, std::string what, std::string hint = "") {
  return {false, Failure{code, std::move(what), std::move(hint), {}}};
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// @return what the command said, if it failed
std::optional<std::string> complaint(const std::string& command, const std::string& file) {
  constexpr std::size_t most = 64 * 1024;
  const std::string line = "exec 2>&1 </dev/null; set -- " + quoted(file) + "\n" + command;
  std::FILE* pipe = ::popen(line.c_str(), "re");
  if (pipe == nullptr) return "cannot run sh";
  std::string said;
  std::array<char, 4096> piece{};
  for (std::size_t got = 0; (got = std::fread(piece.data(), 1, piece.size(), pipe)) > 0;)
    if (said.size() < most) said.append(piece.data(), got);
  const int status = ::pclose(pipe);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return std::nullopt;
  while (!said.empty() && said.back() == '\n') said.pop_back();
  const std::string end = WIFEXITED(status) ? "exit code " + std::to_string(WEXITSTATUS(status)) : "it was killed";
  return said.empty() ? end : said + "\n" + end;
}

std::string candidate_of(const RenderOptions& options) { return options.output + ".candidate"; }

/// Checks a file that stands beside the one in use.
std::optional<Failure> check_aside(const RenderOptions& options, const std::string& text) {
  const std::string candidate = candidate_of(options);
  std::optional<std::string> wrong;
  if (const auto put = base::write_file_atomically(candidate, text); !put) {
    wrong = put.error().what;
  } else {
    wrong = complaint(options.check, candidate);
  }
  std::error_code ignored;
  std::filesystem::remove(candidate, ignored);
  if (!wrong) return std::nullopt;
  return Failure{
      Exit::failed, "the checker refuses what the template makes; " + options.output + " is as it was", *wrong, {}};
}

/// What stood there before: nothing, or a file.
struct Before {
  std::optional<std::string> content;
  unsigned mode = 0644;
};

void put_back(const std::string& path, const Before& before) {
  std::error_code ignored;
  if (before.content) {
    (void)base::write_file_atomically(path, *before.content, before.mode);
  } else {
    std::filesystem::remove(path, ignored);
  }
}

Outcome replace(RenderOptions options, const std::string& text) {
  if (std::error_code error; std::filesystem::is_symlink(options.output, error))
    options.output = std::filesystem::weakly_canonical(options.output, error);
  Before before;
  if (std::filesystem::exists(options.output)) {
    auto content = base::read_file(options.output);
    if (!content) return failed(Exit::failed, content.error().what);
    before = {*std::move(content), static_cast<unsigned>(std::filesystem::status(options.output).permissions())};
  }
  if (before.content == text) return {};
  const bool aside = options.check.find("$1") != std::string::npos;
  if (aside) {
    if (auto failure = check_aside(options, text)) return {false, std::move(failure)};
  }
  if (options.dry_run) return {true, {}};
  if (const auto put = base::write_file_atomically(options.output, text, before.mode); !put)
    return failed(Exit::failed, put.error().what);
  if (!aside && !options.check.empty()) {
    if (const auto wrong = complaint(options.check, options.output)) {
      put_back(options.output, before);
      return failed(Exit::failed, "the checker refuses what the template makes; " + options.output + " is as it was",
                    *wrong);
    }
  }
  if (options.reload.empty()) return {true, {}};
  if (const auto wrong = complaint(options.reload, options.output)) {
    put_back(options.output, before);  // so that the next time tries again
    return failed(Exit::failed, "the reload failed; " + options.output + " is as it was", *wrong);
  }
  return {true, {}};
}

Outcome render_once(const Connection& connection, const RenderOptions& options) {
  const auto source = base::read_file(options.source);
  if (!source) return failed(Exit::failed, source.error().what);
  auto answer = ask(connection, "GET", "/v1/states");
  if (auto* failure = std::get_if<Failure>(&answer)) return {false, std::move(*failure)};
  const auto services = services_from_json(std::get<std::string>(answer));
  if (!services) return failed(Exit::failed, services.error().what, "is it a gslbd that listens there?");
  const auto text = expand(*source, *services);
  if (!text) return failed(Exit::invalid, options.source + ":" + text.error().what);
  if (!options.output.empty()) return replace(options, *text);
  std::fwrite(text->data(), 1, text->size(), stdout);
  return {};
}

Exit tell(const Outcome& outcome, const Output& output, const RenderOptions& options) {
  if (outcome.failure) return report(*outcome.failure, output);
  if (options.output.empty()) return Exit::ok;
  const Exit code = outcome.changed && options.dry_run ? Exit::differs : Exit::ok;
  std::string line;
  if (output.json) {
    line = render_to_json(options.output, outcome.changed);
  } else {
    const char* what = !outcome.changed ? ": unchanged\n" : options.dry_run ? ": would change\n" : ": changed\n";
    line = safe_lines(options.output + what, 0);
  }
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fflush(stdout);
  return code;
}

}  // namespace

Exit render(const Connection& connection, const Output& output, const RenderOptions& options) {
  if (options.again.count() == 0) return tell(render_once(connection, options), output, options);
  stop_on_interrupt();
  std::string told;  // a trouble that stays is told once
  do {
    const Outcome outcome = render_once(connection, options);
    const std::string trouble = outcome.failure ? outcome.failure->what + outcome.failure->hint : "";
    if (outcome.changed || trouble != told) (void)tell(outcome, output, options);
    told = trouble;
  } while (!pause_for(options.again));
  return Exit::ok;
}

}  // namespace gslb::control
