// decide: what the engine answers, case by case, for comparison with models of it. No network, no clock.
//
//   decide CONFIGURATION < commands > answers
//
//   wait SECONDS                                                            before the verdicts that follow
//   verdict ADDRESS up|down|unknown IN_MOTION UNTIL_MS RETURNED_AGO_MS|-    of every target with this address
//   order ADDRESS up|drain|down                                             from the next publish on, instead of those
//   before publish                                                                 from now on answers come from these
//   ask NAME TYPE RESOLVER SUBNET|-      prints: RCODE EDE|- family/source/scope|- TTL|- ADDRESS…
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <utility>

#include "tests/support/test_server.hpp"

using namespace gslb;

namespace {

void set_verdict(test::TestServer& server, base::SteadyTime now, std::istringstream& words) {
  std::string address, verdict, returned;
  bool in_motion = false;
  long until = 0;
  words >> address >> verdict >> in_motion >> until >> returned;
  const auto& targets = server.generation().snapshot->targets;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (base::to_string(targets[i].address) != address) continue;
    health::TargetState& state = server.states()[i];
    state.verdict = health::parse_verdict(verdict).value();
    state.in_motion = in_motion;
    state.until_change = std::chrono::milliseconds(until);
    state.returned_at.reset();
    if (returned != "-") state.returned_at = now - std::chrono::milliseconds(std::stol(returned));
  }
}

health::Order order_of(std::istringstream& words) {
  std::string kind;
  health::Order out;
  words >> out.scope.address >> kind;
  out.kind = health::parse_order_kind(kind).value();
  return out;
}

std::string ask(test::TestServer& server, std::istringstream& words) {
  test::Ask what;
  words >> what.name >> what.type >> what.client >> what.subnet;
  if (what.subnet == "-") what.subnet.clear();
  const test::Reply reply = server.ask(what);
  const auto error = reply.extended_error();
  const std::string subnet = reply.subnet();
  std::string ttl = "-";
  std::string addresses;
  for (const std::string& record : reply.answer()) {  // "owner TTL TYPE rdata"
    std::istringstream fields(record);
    std::string owner, type, address;
    fields >> owner >> ttl >> type >> address;
    addresses += " " + base::to_string(base::parse_address(address).value());
  }
  return std::to_string(reply.rcode()) + " " + (error ? std::to_string(*error) : "-") + " " +
         (subnet.empty() ? "-" : subnet) + " " + ttl + addresses;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: decide CONFIGURATION < commands\n", stderr);
    return 2;
  }
  std::ostringstream yaml;
  yaml << std::ifstream(argv[1]).rdbuf();
  test::TestServer server(yaml.str());
  base::SteadyTime now = test::TestServer::begin;
  std::vector<health::Order> orders;
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::string command;
    words >> command;
    if (command == "wait") {
      long seconds = 0;
      words >> seconds;
      now += std::chrono::seconds(seconds);
    } else if (command == "verdict") {
      set_verdict(server, now, words);
    } else if (command == "order") {
      orders.push_back(order_of(words));
    } else if (command == "publish") {
      server.obey(std::exchange(orders, {}));
      server.publish(now);
    } else if (command == "ask") {
      std::cout << ask(server, words) << "\n";
    } else {
      std::fprintf(stderr, "decide: what is \"%s\"?\n", line.c_str());
      return 2;
    }
  }
  return 0;
}
