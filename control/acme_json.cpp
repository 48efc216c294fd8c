#include "control/acme_json.hpp"

#include "control/json_parts.hpp"

namespace gslb::control {

namespace {

json::array challenge_array(const std::vector<ChallengeView>& challenges) {
  json::array out;
  for (const ChallengeView& c : challenges)
    out.emplace_back(json::object{{"name", utf8(c.name)}, {"value", utf8(c.value)}, {"expires", time(c.expires)}});
  return out;
}

json::array name_server_array(const std::vector<NameServerView>& servers) {
  json::array out;
  for (const NameServerView& s : servers)
    out.emplace_back(json::object{
        {"name", utf8(s.name)}, {"address", utf8(s.address)}, {"agrees", s.agrees}, {"problem", utf8(s.problem)}});
  return out;
}

void read_challenges(const Reader& in, std::vector<ChallengeView>& out) {
  in.each("challenges", [&out](const Reader& challenge) {
    ChallengeView& view = out.emplace_back();
    challenge.read("name", view.name);
    challenge.read("value", view.value);
    challenge.read("expires", view.expires);
  });
}

}  // namespace

std::string to_json(const std::vector<ChallengeView>& challenges) {
  return line({{"challenges", challenge_array(challenges)}});
}

std::string to_json(const ChallengeOutcome& outcome) {
  return line({{"name", utf8(outcome.name)}, {"challenges", challenge_array(outcome.values)}});
}

std::string to_json(const std::vector<NameServerView>& servers) {
  return line({{"servers", name_server_array(servers)}});
}

std::string to_json(const ChallengeOutcome& outcome, const std::vector<NameServerView>& servers) {
  return line({{"name", utf8(outcome.name)},
               {"challenges", challenge_array(outcome.values)},
               {"servers", name_server_array(servers)}});
}

std::string zone_to_json(const std::string& zone, const std::string& text) {
  return line({{"zone", utf8(zone)}, {"text", utf8(text)}});
}

base::Result<std::vector<ChallengeView>> challenges_from_json(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return object.error();
  std::vector<ChallengeView> out;
  read_challenges(Reader(*object), out);
  return out;
}

base::Result<ChallengeOutcome> challenge_outcome_from_json(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return object.error();
  ChallengeOutcome out;
  Reader(*object).read("name", out.name);
  read_challenges(Reader(*object), out.values);
  return out;
}

base::Result<std::vector<NameServerView>> name_servers_from_json(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return object.error();
  std::vector<NameServerView> out;
  Reader(*object).each("servers", [&out](const Reader& server) {
    NameServerView& view = out.emplace_back();
    server.read("name", view.name);
    server.read("address", view.address);
    server.read("agrees", view.agrees);
    server.read("problem", view.problem);
  });
  return out;
}

}  // namespace gslb::control
