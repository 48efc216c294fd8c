// policy/replanner.hpp: plans of one service for many states of health, one after the other. What does not depend on
// health is made once.
//
// Pure. Threads: one object, one thread.
#pragma once

#include <memory>
#include <vector>

#include "policy/plan.hpp"

namespace gslb::policy {

class Replanner {
 public:
  /// @param service  must outlive this
  Replanner(const Service& service, const std::vector<geo::ClassAnswers>& classes);
  ~Replanner();
  Replanner(const Replanner&) = delete;
  Replanner& operator=(const Replanner&) = delete;

  /// That of make_plan(). What has not changed since the plan before is not made again.
  Plan make(const ServiceStates& states);
  /// The same, but for the numbers of its sets and tables: those of earlier plans stay in it, so that questions such as
  /// "and if any two sites fail?" are answered fast. Good until the next call.
  const Plan& plan(const ServiceStates& states);

 private:
  struct Asked;
  void decide(Asked& one);

  const Service& service_;
  Plan plan_;
  std::vector<std::unique_ptr<Asked>> asked_;
};

}  // namespace gslb::policy
