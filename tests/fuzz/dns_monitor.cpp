// A reply to a dns monitor's question.
#include <cstdlib>

#include "health/probes/dns_answer.hpp"

using namespace gslb::health;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const DnsQuestion question{.name = "example.org.", .rcodes = {0, 3}, .answers = {"192.0.2.1"}};
  const auto seen = judge_dns_reply(question, 0x1234, {data, size});
  if (seen && (seen->detail.empty() || seen->voided || seen->ok != (seen->phase == Phase::passed))) std::abort();
  return 0;
}
