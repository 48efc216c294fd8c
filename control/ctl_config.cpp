#include "control/ctl_config.hpp"

#include <unistd.h>

#include <iostream>

#include "base/text.hpp"
#include "config/values.hpp"
#include "control/config_json.hpp"
#include "control/json.hpp"
#include "control/pack.hpp"
#include "control/reasons.hpp"
#include "control/views.hpp"

namespace gslb::control {

namespace {

constexpr auto poll = std::chrono::milliseconds(500);
/// Of those that take it from the shared store: they read it every five seconds.
constexpr std::chrono::seconds others_follow{60};

template <class T>
using Told = std::variant<T, Failure>;

Told<ConfigPushOutcome> send(const Connection& connection, const std::string& target, const std::string& bundle) {
  auto answer = ask(connection, "POST", target, bundle);
  if (auto* failure = std::get_if<Failure>(&answer)) {
    const auto outcome = failure->json.empty() ? base::Result<ConfigPushOutcome>(base::Error{""})
                                               : push_outcome_from_json(failure->json);
    if (!outcome || outcome->errors.empty()) return std::move(*failure);
    return *outcome;
  }
  auto outcome = push_outcome_from_json(std::get<std::string>(answer));
  if (!outcome) return Failure{Exit::failed, outcome.error().what, "is it a gslbd that listens there?", {}};
  return *std::move(outcome);
}

Told<ConfigView> look(const Connection& connection) {
  auto answer = ask(connection, "GET", "/v1/config");
  if (auto* failure = std::get_if<Failure>(&answer)) return std::move(*failure);
  auto view = config_view_from_json(std::get<std::string>(answer));
  if (!view) return Failure{Exit::failed, view.error().what, "is it a gslbd that listens there?", {}};
  return *std::move(view);
}

Exit exit_of(const ConfigPushOutcome& outcome) {
  return outcome.ok ? Exit::ok : outcome.refused ? Exit::refused : Exit::invalid;
}

/// One push, told as it goes on.
class Push {
 public:
  Push(const Connection& connection, const PushConfigOptions& options, const Output& output)
      : connection_(connection), options_(options), output_(output), sockets_(options.sockets) {
    if (sockets_.empty()) sockets_ = {connection.socket};
  }

  Exit run() {
    const auto soak = config::parse_duration(options_.soak);
    if (!soak)
      return report({Exit::usage, "--soak: \"" + options_.soak + "\" is no duration", "such as 30s or 5m", {}},
                    output_);
    soak_ = std::chrono::ceil<std::chrono::seconds>(*soak);
    if (!options_.max_move.empty()) {
      if (const auto share = parse_share(options_.max_move); !share)
        return report({Exit::usage, "--max-move: " + share.error().what, {}, {}}, output_);
    }
    base::ErrorList errors;
    bundle_ = pack(options_.file, errors);
    if (bundle_.empty()) return show_check(options_.file, {errors.all(), errors.warnings(), {}, {}}, output_);
    if (const auto refused = rehearse()) return *refused;
    if (options_.dry_run) return Exit::ok;
    if (!agreed()) return report({Exit::refused, "not pushed", "--yes pushes without a question", {}}, output_);
    if (const auto refused = try_canary()) return *refused;
    tell_others();
    return follow_store();
  }

 private:
  Connection at(const std::string& socket) const { return {socket, connection_.timeout}; }
  void say(const std::string& text) const {
    if (!output_.json) std::cout << safe_lines(text, 0) << std::flush;
  }
  std::string parameters() const {
    return (options_.max_move.empty() ? "" : "&max_move=" + url_encoded(options_.max_move)) +
           (options_.force ? "&force=1" : "") + "&reason=" + url_encoded(options_.reason);
  }

  /// What it would do, said by the canary: it has the databases.
  std::optional<Exit> rehearse() {
    const auto told = send(at(sockets_.front()), "/v1/config/push?dry_run=1" + parameters(), bundle_);
    if (const auto* failure = std::get_if<Failure>(&told)) return report(*failure, output_);
    const auto& outcome = std::get<ConfigPushOutcome>(told);
    if (output_.json && (!outcome.ok || options_.dry_run)) std::cout << to_json(outcome) << std::flush;
    say(outcome.proof + outcome.difference);
    if (outcome.ok) return std::nullopt;
    if (!output_.json) {
      std::cerr << safe_lines(outcome.errors, 0) << "refused at " << base::printable(sockets_.front())
                << ", nothing was changed\n";
    }
    return exit_of(outcome);
  }

  bool agreed() const {
    if (options_.yes) return true;
    if (::isatty(STDIN_FILENO) == 0 || output_.json) return false;
    std::cout << "push to " << (sockets_.size() == 1 ? sockets_.front() : std::to_string(sockets_.size()) + " servers")
              << "? [y/N] " << std::flush;
    std::string answer;
    return std::getline(std::cin, answer) && (answer == "y" || answer == "yes");
  }

  /// The first server runs it for a while; it takes it back by itself.
  std::optional<Exit> try_canary() {
    const std::string& canary = sockets_.front();
    const auto told = send(
        at(canary), "/v1/config/push?soak=" + std::to_string(soak_.count()) + parameters() + also_shared(), bundle_);
    if (const auto* failure = std::get_if<Failure>(&told)) return report(*failure, output_);
    const auto& outcome = std::get<ConfigPushOutcome>(told);
    if (!outcome.ok) return report({exit_of(outcome), outcome.errors, "nothing was changed", {}}, output_);
    id_ = outcome.id;
    stop_on_interrupt();
    if (soak_.count() > 0) say(canary + ": " + id_ + " is on trial for " + base::human_duration(soak_) + "\n");
    for (;;) {
      const auto seen = look(at(canary));
      if (const auto* failure = std::get_if<Failure>(&seen)) return report(*failure, output_);
      const auto& view = std::get<ConfigView>(seen);
      const bool running = view.soak_left && view.pushed == id_;
      progress(running ? view.soak_left : std::nullopt);
      if (!running) {
        store_ = view.shared;
        if (view.pushed == id_) break;
        const std::string why = view.last_id == id_ ? view.last_trial : "another configuration runs there";
        return report({Exit::refused, std::string(canary).append(": ").append(why), "nobody else was told", {}},
                      output_);
      }
      if (pause_for(poll))
        return report({Exit::timeout,
                       "not waited for",
                       "the trial goes on by itself: gslbctl config show; gslbctl config leave ends it",
                       {}},
                      output_);
    }
    say(canary + ": kept\n");
    return std::nullopt;
  }

  /// Others that are named here are told by name.
  std::string also_shared() const { return sockets_.size() > 1 ? "&share=0" : ""; }

  void progress(const std::optional<base::Duration>& left) const {
    if (output_.json || ::isatty(STDOUT_FILENO) == 0) return;
    std::cout << "\r\x1b[K";
    if (left) std::cout << "  " << base::human_duration(std::chrono::ceil<std::chrono::seconds>(*left)) << " left";
    std::cout << std::flush;
  }

  void tell_others() {
    for (std::size_t i = 1; i < sockets_.size(); ++i) {
      const auto told = send(at(sockets_[i]),
                             "/v1/config/push?soak=0&share=0&force=1&reason=" + url_encoded(options_.reason), bundle_);
      const auto* failure = std::get_if<Failure>(&told);
      const auto* outcome = std::get_if<ConfigPushOutcome>(&told);
      if (outcome != nullptr && outcome->ok) {
        say(sockets_[i] + ": runs it\n");
        continue;
      }
      failed_.push_back(sockets_[i]);
      static_cast<void>(report({Exit::partial,
                                sockets_[i] + ": " + (failure ? failure->what : outcome->errors),
                                "push again when it is mended",
                                {}},
                               output_));
    }
  }

  /// Those that have it from the store say so of themselves.
  Exit follow_store() {
    const base::SteadyTime until = base::steady_now() + others_follow;
    std::vector<std::string> waiting;
    while (store_ && sockets_.size() == 1) {
      auto answer = ask(at(sockets_.front()), "GET", "/v1/status");
      const auto* body = std::get_if<std::string>(&answer);
      const auto status = body ? status_from_json(*body) : base::Result<StatusView>(base::Error{""});
      waiting.clear();
      if (status) {
        for (const NodeView& node : status->nodes)
          if (!node.silent && !node.same_configuration) waiting.push_back(node.name);
      }
      if (status && waiting.empty()) {
        for (const NodeView& node : status->nodes) say(node.name + (node.silent ? ": silent\n" : ": runs it\n"));
        break;
      }
      if (base::steady_now() > until || pause_for(poll)) break;
    }
    for (const std::string& node : waiting)
      static_cast<void>(report({Exit::partial, node + " does not run it", "its log says why", {}}, output_));
    const bool all = waiting.empty() && failed_.empty();
    if (output_.json && all) std::cout << "{\"ok\":true,\"id\":\"" << id_ << "\"}\n";
    return all ? Exit::ok : Exit::partial;
  }

  const Connection& connection_;
  const PushConfigOptions& options_;
  const Output& output_;
  std::vector<std::string> sockets_;
  std::chrono::seconds soak_{};
  std::string bundle_;
  std::string id_;
  bool store_ = false;
  std::vector<std::string> failed_;
};

std::string render(const ConfigView& view) {
  std::string out = "running   configuration " + std::to_string(view.configuration) + ", hash " + view.hash + "\n";
  const std::string by = view.author.empty() ? "" : " by " + view.author;
  const std::string why = view.reason.empty() ? "" : ": " + view.reason;
  if (view.pushed.empty()) {
    out += "from      " + view.file + "\n";
  } else {
    out += "from      push " + view.pushed + by + " at " + rfc3339(view.when) + why + "\n";
    out += "machine   " + view.file + ": addresses, state and other keys of this machine\n";
  }
  if (view.soak_left)
    out +=
        "on trial  for " + base::human_duration(std::chrono::ceil<std::chrono::seconds>(*view.soak_left)) + " more\n";
  if (!view.last_trial.empty()) out += "last      " + view.last_id + " " + view.last_trial + "\n";
  return out;
}

}  // namespace

Exit push_config(const Connection& connection, const PushConfigOptions& options, const Output& output) {
  return Push(connection, options, output).run();
}

Exit show_config(const Connection& connection, const Output& output) {
  const auto seen = look(connection);
  if (const auto* failure = std::get_if<Failure>(&seen)) return report(*failure, output);
  const auto& view = std::get<ConfigView>(seen);
  std::cout << (output.json ? to_json(view) : safe_lines(render(view), 0)) << std::flush;
  return Exit::ok;
}

Exit leave_config(const Connection& connection, const std::vector<std::string>& sockets, const std::string& reason,
                  const Output& output) {
  std::vector<std::string> all = sockets;
  if (all.empty()) all = {connection.socket};
  std::size_t done = 0;
  Exit failed = Exit::failed;
  for (const std::string& socket : all) {
    const auto told = send({socket, connection.timeout}, "/v1/config/leave?reason=" + url_encoded(reason), "");
    if (const auto* failure = std::get_if<Failure>(&told)) {
      failed = report(*failure, output);
      continue;
    }
    const auto& outcome = std::get<ConfigPushOutcome>(told);
    if (!outcome.ok) {
      failed = report({exit_of(outcome), socket + ": " + outcome.errors, {}, {}}, output);
      continue;
    }
    ++done;
    std::cout << (output.json ? to_json(outcome) : safe_lines(socket + ": runs its own files\n", 0)) << std::flush;
  }
  if (done == all.size()) return Exit::ok;
  return done == 0 ? failed : Exit::partial;
}

}  // namespace gslb::control
