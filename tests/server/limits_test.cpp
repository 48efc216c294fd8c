// docs/limits.md says what the code does.
#include <gmock/gmock.h>

#include "base/file.hpp"
#include "base/text.hpp"
#include "config/config.hpp"
#include "dns/rate_limit.hpp"
#include "engine/counters.hpp"
#include "engine/resolve.hpp"
#include "policy/set_ranks.hpp"
#include "server/challenge_keeper.hpp"
#include "zones/generate.hpp"
#include "zones/master_file.hpp"
#include "zones/zone_builder.hpp"

namespace gslb::server {
namespace {

TEST(Limits, OfTheDocumentAreThoseOfTheCode) {
  const auto document = base::read_file("docs/limits.md");
  ASSERT_TRUE(document);
  const std::vector<std::pair<std::string, std::uint64_t>> rows{
      {"records of a zone in YAML", config::most_records},
      {"files of one zone, with what they include", zones::most_files},
      {"`$INCLUDE`, files that are open at once", zones::max_include_depth},
      {"files that one file includes", zones::max_included_files},
      {"records of one `$GENERATE`", zones::most_generated},
      {"records of all `$GENERATE` of a file", zones::most_generated_in_all},
      {"octets of an RRset", dns::max_message},
      {"endpoints in one answer (`take`)", config::most_answers},
      {"endpoint sets of one service in a signed zone", policy::SetRanks::limit},
      {"sites, since the start of the process", engine::max_sites},
      {"values of an ACME challenge at one name", ChallengeKeeper::most_values},
      {"ACME challenges in all", ChallengeKeeper::most_challenges},
      {"networks with a rate of their own (`rate_limit`)", dns::RateLimits::most_networks},
      {"links of a CNAME or DNAME chain in one answer", engine::Resolution::longest_chain},
      {"octets of a reply over UDP", dns::udp_payload_limit},
  };
  for (const auto& [what, most] : rows)
    EXPECT_THAT(*document, testing::HasSubstr("\n| " + what + " | " + base::with_thousands(most) + " | ")) << what;
}

}  // namespace
}  // namespace gslb::server
