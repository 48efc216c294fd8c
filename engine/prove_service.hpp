// engine/prove_service.hpp: the part of a proof that is about one service.
#pragma once

#include <string>
#include <vector>

#include "engine/prove.hpp"

namespace gslb::engine {

struct Example {
  std::string what;
  std::optional<base::Prefix> network;
  std::vector<std::uint16_t> failed;  ///< sites
};

struct ServiceProof {
  std::size_t service = 0;
  std::uint64_t states = 0;  ///< sets of failed sites; 0: not proved
  bool fenced = false;       ///< has a strict fence
  std::optional<Example> leak, uncovered, unanswered;
  std::vector<unsigned> fewest;    ///< candidates left to some network after 0, 1, … failures
  std::vector<bool> answered;      ///< by endpoint: some network gets it after some of the failures
  std::vector<std::string> never;  ///< by endpoint: why not
  StepEffects effects;             ///< by step: some client's tiers are others after it
};

ServiceProof prove_service(const Snapshot& snapshot, std::size_t service, const Survey& survey,
                           const ProofOptions& options);

/// The service without its names and addresses: services of one shape and signature have one proof.
policy::Service shape_of(const policy::Service& service);

/// What leaks out of a strict fence in a plan: an endpoint that does not serve a class of clients, though some endpoint
/// does. For tests with plans that no chain makes.
struct Leak {
  std::uint16_t service_class = 0;
  policy::Aspect aspect = base::Family::v4;
  policy::EndpointIndex endpoint = 0;
};
std::optional<Leak> find_leak(const policy::Service& service, const std::vector<geo::ClassAnswers>& classes,
                              const policy::Plan& plan, const std::vector<bool>& present);

}  // namespace gslb::engine
