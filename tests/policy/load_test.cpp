#include "policy/load.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace gslb::policy {
namespace {

TEST(Load, BelowTheMarkEverySiteKeepsAll) {
  for (const SiteShare& site : share_load({{100, 80}, {100, 10}}, 0.8)) {
    EXPECT_EQ(site.kept, 1);
    EXPECT_EQ(site.received, 0);
  }
}

TEST(Load, ASiteOverItsMarkKeepsTheMarkAndOthersTakeTheRestByTheirRoom) {
  const auto sites = share_load({{100, 120}, {100, 20}, {100, 60}}, 0.8);
  EXPECT_NEAR(sites[0].kept, 80.0 / 120, 1e-12);
  EXPECT_NEAR(sites[1].received, 30, 1e-9);
  EXPECT_NEAR(sites[2].received, 10, 1e-9);
}

TEST(Load, WhenAllAreOverTheMarkItRisesForAllAlike) {
  const auto sites = share_load({{100, 150}, {50, 45}}, 0.8);
  EXPECT_NEAR(sites[0].kept * 150, 130, 1e-9);
  EXPECT_NEAR(sites[1].kept * 45 + sites[1].received, 65, 1e-9);
}

// What is measured under a plan leads back to what was offered, so the next plan is the same: nothing swings.
TEST(Load, WhatAPlanDidIsTakenOutOfTheNextMeasurement) {
  base::Random random(5);
  for (int i = 0; i < 1000; ++i) {
    std::vector<SiteDemand> sites(2 + random.below(10));
    for (SiteDemand& site : sites) site = {1.0 + random.below(1000), static_cast<double>(random.below(1500))};
    const auto shares = share_load(sites, 0.8);
    double served = 0;
    double offered = 0;
    double capacity = 0;
    for (std::size_t s = 0; s < sites.size(); ++s) {
      const double now = sites[s].offered * shares[s].kept + shares[s].received;
      const SiteLoad measured{now, shares[s].kept, shares[s].received};
      EXPECT_NEAR(measured.offered(), sites[s].offered, 1e-6);
      served += now;
      offered += sites[s].offered;
      capacity += sites[s].capacity;
    }
    EXPECT_NEAR(served, offered, 1e-6);
    for (std::size_t s = 0; s < sites.size(); ++s) {
      const double now = sites[s].offered * shares[s].kept + shares[s].received;
      EXPECT_LE(now, std::max(0.8, offered / capacity) * sites[s].capacity + 1e-6);
    }
  }
}

}  // namespace
}  // namespace gslb::policy
