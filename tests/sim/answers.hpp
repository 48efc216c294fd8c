// What a server of the simulation answers with: the plan of each service, made of its verdicts by the policies' own
// code.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "health/target.hpp"
#include "policy/service.hpp"
#include "schedule.hpp"

namespace gslb::sim {

class Answers {
 public:
  explicit Answers(const World& world);

  /// @param verdicts  of the world's targets
  /// @return what is wrong with an answer: it is empty, or leads to something down while something is up
  std::optional<std::string> wrong(const std::vector<health::Verdict>& verdicts) const;

 private:
  struct Steered {
    policy::Service service;
    std::vector<std::size_t> targets;  ///< of its endpoints, in their order
  };
  std::vector<Steered> services_;
};

}  // namespace gslb::sim
