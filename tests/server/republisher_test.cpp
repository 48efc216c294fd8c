// server/republisher.hpp: changes to what is served that no reload made.
#include "server/republisher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>

namespace gslb::server {
namespace {

using testing::ElementsAre;

/// Collects what is published, and how often a change was done with.
struct Published {
  std::vector<engine::SnapshotPtr> snapshots;
  unsigned done = 0;
};

/// Runs `work` with a republisher that started from configuration 1, and waits for all that it asked.
template <class Work>
Published published_by(Work work) {
  Published out;
  {
    Builder builder;
    Republisher republisher(builder, [&](engine::SnapshotPtr next, const std::function<void()>& done) {
      out.snapshots.push_back(std::move(next));
      done();
    });
    auto first = std::make_shared<engine::Snapshot>();
    first->configuration = 1;
    republisher.start_from(first);
    work(builder, republisher, [&out] { ++out.done; });
    // The republisher must outlive what it posted; the builder runs in order.
    std::promise<void> ended;
    builder.post([&] { ended.set_value(); });
    ended.get_future().wait();
  }
  return out;
}

TEST(Republisher, EachChangeStartsFromTheOneBefore) {
  const Published out = published_by([](Builder&, Republisher& republisher, const auto& done) {
    for (const unsigned zone : {7U, 8U}) {
      republisher.republish(
          [zone](engine::Snapshot& next) {
            next.first_service.push_back(zone);
            return true;
          },
          done);
    }
  });
  ASSERT_EQ(out.snapshots.size(), 2U);
  EXPECT_THAT(out.snapshots[0]->first_service, ElementsAre(7));
  EXPECT_THAT(out.snapshots[1]->first_service, ElementsAre(7, 8));
  EXPECT_EQ(out.snapshots[1]->configuration, 1U);
  EXPECT_EQ(out.done, 2U);
}

TEST(Republisher, AChangeThatChangesNothingPublishesNothingAndIsDoneAllTheSame) {
  const Published out = published_by([](Builder&, Republisher& republisher, const auto& done) {
    republisher.republish([](engine::Snapshot&) { return false; }, done);
  });
  ASSERT_EQ(out.snapshots.size(), 1U);
  EXPECT_EQ(out.snapshots[0], nullptr);
  EXPECT_EQ(out.done, 1U);
}

TEST(Republisher, AChangeAfterAReloadStartsFromWhatWasLoaded) {
  const Published out = published_by([](Builder& builder, Republisher& republisher, const auto& done) {
    builder.post([&republisher] {
      auto loaded = std::make_shared<engine::Snapshot>();
      loaded->configuration = 2;
      republisher.start_from(loaded);
    });
    republisher.republish([](engine::Snapshot&) { return true; }, done);
  });
  ASSERT_EQ(out.snapshots.size(), 1U);
  EXPECT_EQ(out.snapshots[0]->configuration, 2U);
}

}  // namespace
}  // namespace gslb::server
