// tests/config/refusal_frame.hpp: a small configuration that loads, with one snippet put where it is wanted.
#pragma once

#include <gmock/gmock.h>

#include "tests/config/support.hpp"

namespace gslb::config::refusal {

/// Where in a small configuration that loads the snippet stands.
enum class In { file, top, site, monitor, policy, defaults, zone, soa, records, service, endpoints };

/// Sites are on line 1, monitors on 2, policies on 3, defaults on 4; the rest is from line 5 on.
inline std::string framed(In in, const std::string& snippet) {
  const auto here = [&](In place, const std::string& otherwise) { return in == place ? snippet : otherwise; };
  if (in == In::file) return snippet;
  const std::string head = in == In::site
                               ? "sites: { fra: { " + snippet + " } }\n"
                               : "sites: { fra: { at: [50, 8] }, iad: { at: [39, -77] }, gru: { at: [-23, -46] } }\n";
  return head + "monitors: { web: { " + here(In::monitor, "http: /") + " } }\n" +
         "policies: { near: " + here(In::policy, "[nearest, take: 1]") + ", legal: [fence, take: 1] }\n" +
         "defaults: { " + here(In::defaults, "ttl: 30s") + " }\n" +
         (in == In::top ? snippet : std::string("threads: 1")) + "\n" +               // line 5
         "zones:\n  example.org:\n" +                                                 //
         "    " + here(In::zone, "ns: [ns1]") + "\n" +                                // line 8
         (in == In::zone ? "" : "    soa: { " + here(In::soa, "ttl: 1h") + " }\n") +  // line 9
         (in == In::records ? "    records: " + snippet + "\n" : "") +                // line 10
         (in == In::service || in == In::endpoints                                    // lines 10 to 13
              ? "    services:\n      www:\n        endpoints: " +
                    (in == In::endpoints ? snippet : "{ fra: 192.0.2.1 }\n        " + snippet) + "\n"
              : "");
}

struct Refused {
  In in;
  const char* snippet;
  const char* expected;  ///< "line:column: path: what" of the only error
};

/// Each snippet gives just the one error expected.
inline void expect_refused(std::initializer_list<Refused> cases) {
  for (const Refused& refused : cases)
    EXPECT_THAT(testing::errors_of(framed(refused.in, refused.snippet)), ::testing::ElementsAre(refused.expected))
        << refused.snippet;
}

}  // namespace gslb::config::refusal
