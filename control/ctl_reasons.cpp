#include "control/ctl_reasons.hpp"

#include <unistd.h>

#include <cstdio>
#include <optional>
#include <variant>

#include "base/file.hpp"
#include "control/explain_view.hpp"
#include "control/json_reasons.hpp"
#include "control/offline.hpp"
#include "control/shadow.hpp"
#include "engine/diff.hpp"

namespace gslb::control {

namespace {

void print(std::FILE* to, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), to);
  std::fflush(to);
}

/// @param otherwise  the exit code where all is not as it should be
Exit show_told(const std::string& json, const Output& output, Exit otherwise) {
  const auto told = told_from_json(json);
  if (!told) return report({Exit::failed, told.error().what, "is it a gslbd that listens there?", {}}, output);
  print(stdout, output.json ? json : told->text);
  return told->ok ? Exit::ok : otherwise;
}

std::string target_of(const std::string& route, const Parameters& parameters) {
  std::string out = route;
  char between = '?';
  for (const auto& [name, value] : parameters) {
    if (value.empty()) continue;
    out += between + name + "=" + url_encoded(value);
    between = '&';
  }
  return out;
}

/// On a terminal, how far it is; nothing elsewhere.
Progress progress_of(const char* what, const char* of, const Output& output) {
  if (output.json || ::isatty(STDERR_FILENO) != 1) return {};
  return [what, of](std::size_t done, std::size_t all) {
    std::fprintf(stderr, "\r%s %zu of %zu %s%s", what, done, all, of, done == all ? "\r\x1b[K" : "");
    std::fflush(stderr);
  };
}

struct Question {
  std::string method;
  std::string route;
  std::string body;
  Exit otherwise = Exit::failed;  ///< the exit code where all is not as it should be
};

template <class Tell>
Exit answer(const Source& source, const Output& output, const Question& question, const Parameters& parameters,
            Tell tell) {
  if (source.config.empty()) {
    if (!source.down.empty())
      return report(
          {Exit::usage, "--down supposes: it needs --config FILE", "what the server would do: gslbctl simulate", {}},
          output);
    const auto said = ask(source.connection, question.method, target_of(question.route, parameters), question.body);
    if (const auto* failure = std::get_if<Failure>(&said)) return report(*failure, output);
    return show_told(std::get<std::string>(said), output, question.otherwise);
  }
  Offline offline = load_offline(source.config);
  if (!offline.present.generation)
    return show_check(source.config, {std::move(offline.errors), std::move(offline.warnings), {}, {}}, output);
  const auto present = with_down(std::move(offline.present), source.down);
  if (!present) return report({Exit::usage, present.error().what, {}, {}}, output);
  const auto told = tell(*present);
  if (!told) return report({Exit::usage, told.error().what, {}, {}}, output);
  return show_told(*told, output, question.otherwise);
}

}  // namespace

Exit explain(const Source& source, const Output& output, const Parameters& parameters) {
  return answer(source, output, {"GET", "/v1/explain", {}, Exit::failed}, parameters,
                [&](const Present& present) { return tell_why(present, parameters); });
}

Exit prove(const Source& source, const Output& output, const Parameters& parameters) {
  return answer(source, output, {"GET", "/v1/prove", {}, Exit::failed}, parameters, [&](const Present& present) {
    return tell_proof(present, parameters, progress_of("proving", "services", output));
  });
}

namespace {

constexpr std::size_t longest_traffic = std::size_t{1} << 30;

/// The text of a traffic file; "" for no file. A failure has been reported.
std::variant<std::string, Exit> read_traffic(const std::string& file, const Output& output) {
  if (file.empty()) return std::string();
  auto text = base::read_file(file, longest_traffic);
  if (!text) return report({Exit::failed, text.error().what, {}, {}}, output);
  if (text->empty()) return report({Exit::failed, file + ": is empty", "lines of network,requests/s", {}}, output);
  return std::move(*text);
}

std::variant<Present, Exit> read_side(const std::string& file, const Output& output) {
  Offline offline = load_offline(file);
  if (!offline.present.generation)
    return show_check(file, {std::move(offline.errors), std::move(offline.warnings), {}, {}}, output);
  return std::move(offline.present);
}

/// Each network that moves, a line each: service, network, from, to, which part of its clients.
Exit list_networks(const Present& before, const Present& after) {
  bool any = false;
  engine::diff({before.config.get(), before.generation->snapshot.get()},
               {after.config.get(), after.generation->snapshot.get()}, {},
               [&any](const std::string& service, const engine::MovedNetwork& moved) {
                 any = true;
                 print(stdout, service + "\t" + base::to_string(moved.network) + "\t" + moved.from + "\t" + moved.to +
                                   "\t" + percent(moved.part) + "\n");
               });
  return any ? Exit::differs : Exit::ok;
}

}  // namespace

Exit simulate(const Source& source, const Output& output, const Parameters& parameters, const std::string& load) {
  const auto traffic = read_traffic(load, output);
  if (const auto* failed = std::get_if<Exit>(&traffic)) return *failed;
  const auto& text = std::get<std::string>(traffic);
  return answer(source, output, {"POST", "/v1/simulate", text, Exit::failed}, parameters, [&](const Present& present) {
    return tell_simulation(present, parameters, text, progress_of("simulating", "failures", output));
  });
}

Exit diff(const DiffOptions& options, const Output& output) {
  MoveLimit limit;
  if (!options.max_move.empty()) {
    const auto share = parse_share(options.max_move);
    if (!share) return report({Exit::usage, "--max-move: " + share.error().what, {}, {}}, output);
    limit.most = *share;
  }
  const auto traffic = read_traffic(options.load, output);
  if (const auto* failed = std::get_if<Exit>(&traffic)) return *failed;
  const auto before = read_side(options.before, output);
  if (const auto* failed = std::get_if<Exit>(&before)) return *failed;
  const auto after = read_side(options.after, output);
  if (const auto* failed = std::get_if<Exit>(&after)) return *failed;
  if (options.networks) return list_networks(std::get<Present>(before), std::get<Present>(after));
  const auto told =
      tell_difference(std::get<Present>(before), std::get<Present>(after), limit, std::get<std::string>(traffic));
  if (!told) return report({Exit::usage, told.error().what, {}, {}}, output);
  return show_told(*told, output, Exit::differs);
}

namespace {

/// An address with or without a port; 53 if there is none.
std::optional<base::SocketAddress> server_of(const std::string& text) {
  if (const auto whole = base::parse_socket_address(text)) return whole;
  if (const auto address = base::parse_address(text)) return base::SocketAddress{*address, 53};
  return std::nullopt;
}

}  // namespace

Exit shadow(const ShadowOptions& options, const Output& output) {
  const auto server = server_of(options.server);
  if (!server)
    return report({Exit::usage, "\"" + options.server + "\" is no address", "192.0.2.53 or 192.0.2.53:5353", {}},
                  output);
  const auto text = base::read_file(options.queries, longest_traffic);
  if (!text) return report({Exit::failed, text.error().what, {}, {}}, output);
  const auto queries = engine::parse_queries(*text);
  if (!queries) return report({Exit::failed, options.queries + ": " + queries.error().what, {}, {}}, output);
  const auto present = read_side(options.config, output);
  if (const auto* failed = std::get_if<Exit>(&present)) return *failed;
  const auto found = shadow(std::get<Present>(present), *queries, *server, {.rate = options.rate});
  if (!found) return report({Exit::failed, found.error().what, {}, {}}, output);
  return show_told(to_json(*found, *server), output, Exit::differs);
}

}  // namespace gslb::control
