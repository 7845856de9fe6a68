#include "app/pool/schedule.h"

#include <gtest/gtest.h>

namespace gradient_check::app {
namespace {

TEST(Schedule, CasesInTheirOrder) {
  Schedule schedule(2, false, 10);
  EXPECT_EQ(schedule.take(false), 0U);
  EXPECT_EQ(schedule.take(false), 1U);
  EXPECT_FALSE(schedule.take(false));
  EXPECT_FALSE(schedule.next_kind());
  schedule.settle(1, true);
  EXPECT_EQ(schedule.settled(), 0U);
  schedule.settle(0, false);
  EXPECT_EQ(schedule.settled(), 2U);
  EXPECT_TRUE(schedule.is_done());
}

TEST(Schedule, ADeathIsTriedOnceMoreAndWatched) {
  Schedule schedule(2, false, 10);
  schedule.take(false);
  EXPECT_TRUE(schedule.waits_again(0, Ending::death));
  EXPECT_EQ(schedule.next_kind(), true);
  EXPECT_TRUE(schedule.waits(false));  // the other one, for whoever is not watched
  EXPECT_EQ(schedule.take(false), 1U);
  EXPECT_EQ(schedule.take(true), 0U);
  EXPECT_FALSE(schedule.waits_again(0, Ending::death));
  EXPECT_FALSE(schedule.waits(true));
}

TEST(Schedule, KillsByOthersAreForgivenUpToABound) {
  Schedule schedule(1, false, 5);
  for (std::size_t kill = 1; kill <= 5; ++kill) {
    EXPECT_EQ(schedule.take(kill > 3), 0U) << kill;
    EXPECT_TRUE(schedule.waits_again(0, Ending::kill)) << kill;
  }
  schedule.take(true);
  EXPECT_FALSE(schedule.waits_again(0, Ending::kill));
}

TEST(Schedule, WhatIsBehindTheFirstFailureDoesNotCount) {
  Schedule schedule(5, true, 10);
  for (std::size_t i = 0; i < 4; ++i) schedule.take(false);
  schedule.settle(3, false);
  EXPECT_EQ(schedule.end(), 4U);
  EXPECT_FALSE(schedule.next_kind());  // the fifth
  schedule.settle(1, false);
  EXPECT_EQ(schedule.end(), 2U);
  EXPECT_FALSE(schedule.is_done());
  schedule.settle(0, true);
  EXPECT_TRUE(schedule.is_done());
  EXPECT_EQ(schedule.settled(), 2U);
}

TEST(Schedule, WhatIsWithdrawnIsNotHandedOut) {
  Schedule schedule(3, false, 10);
  schedule.withdraw(1);
  schedule.settle(1, false);
  EXPECT_EQ(schedule.take(false), 0U);
  EXPECT_EQ(schedule.take(false), 2U);
  EXPECT_EQ(schedule.take(false), std::nullopt);
  schedule.settle(0, true);
  EXPECT_EQ(schedule.settled(), 2U);
}

TEST(Schedule, NothingToDoIsDone) { EXPECT_TRUE(Schedule(0, true, 10).is_done()); }

}  // namespace
}  // namespace gradient_check::app
