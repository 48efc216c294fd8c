// policy/replanner.hpp: plans of one service for many states of health, one after the other, for questions such as "and
// if any two sites fail?". What does not depend on health, and slot tables that come again, are made once.
//
// Plans are those of make_plan(), but for the numbers of their sets and tables. Pure. Threads: one object, one thread.
#pragma once

#include <memory>
#include <vector>

#include "policy/plan.hpp"

namespace gslb::policy {

class Replanner {
 public:
  /// Both must outlive this.
  Replanner(const Service& service, const std::vector<geo::ClassAnswers>& classes);
  ~Replanner();
  Replanner(const Replanner&) = delete;
  Replanner& operator=(const Replanner&) = delete;

  /// Good until the next call.
  const Plan& plan(const ServiceStates& states);

 private:
  friend Plan make_plan(const Service&, const std::vector<geo::ClassAnswers>&, const ServiceStates&);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gslb::policy
