#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "wire/facts.h"
#include "wire/frame.h"
#include "wire/settings.h"

namespace gradient_check::wire {
namespace {

class Pipe : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::pipe(ends_.data()), 0); }
  void TearDown() override {
    for (const int end : ends_) ::close(end);
  }
  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }

  std::array<int, 2> ends_{};
};

TEST_F(Pipe, FramesArriveAsTheyWere) {
  const std::string bytes("a\0\n\xff", 4);
  EXPECT_TRUE(write_frame(write_end(), FrameKind::check, bytes));
  EXPECT_TRUE(write_frame(write_end(), FrameKind::started));
  FrameReader reader;
  const auto first = read_frame(read_end(), reader);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->kind, FrameKind::check);
  EXPECT_EQ(first->payload, bytes);
  const auto second = read_frame(read_end(), reader);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->kind, FrameKind::started);
  EXPECT_TRUE(second->payload.empty());
}

TEST_F(Pipe, AFrameInPiecesWaitsForItsEnd) {
  const std::string payload(1000, 'x');
  EXPECT_TRUE(write_frame(write_end(), FrameKind::finished, payload));
  std::string bytes(2000, '\0');
  bytes.resize(static_cast<std::size_t>(::read(read_end(), bytes.data(), bytes.size())));
  FrameReader reader;
  for (std::size_t at = 0; at < bytes.size(); at += 7) {
    EXPECT_FALSE(reader.next());
    const std::size_t count = std::min<std::size_t>(7, bytes.size() - at);
    ASSERT_EQ(::write(write_end(), bytes.data() + at, count), static_cast<ssize_t>(count));
    EXPECT_TRUE(reader.fill(read_end()));
  }
  const auto frame = reader.next();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->payload, payload);
}

TEST_F(Pipe, NonsenseAndTheEndAreNoFrames) {
  const std::string nonsense(100, '\xee');  // its length is 17 quintillion
  ASSERT_EQ(::write(write_end(), nonsense.data(), nonsense.size()), 100);
  FrameReader reader;
  EXPECT_FALSE(reader.fill(read_end()));
  EXPECT_FALSE(reader.next());
  ::close(ends_[1]);
  FrameReader at_end;
  EXPECT_FALSE(at_end.fill(read_end()));
}

TEST(WorkerSettings, ArriveAsTheyWere) {
  WorkerSettings settings;
  settings.overrides.seed = 18446744073709551615U;
  settings.overrides.rtol = 0.1;
  settings.overrides.device = "cuda:1";
  settings.libraries = {"/tmp/\xff.so", ""};
  settings.parent = 7;
  settings.memory_bytes = 1ULL << 40U;
  settings.timeout = 0.25;
  settings.watch = true;
  const WorkerSettings read = settings_from_bytes(to_bytes(settings));
  EXPECT_EQ(read.overrides.seed, settings.overrides.seed);
  EXPECT_EQ(read.overrides.rtol, settings.overrides.rtol);
  EXPECT_FALSE(read.overrides.atol);
  EXPECT_EQ(read.overrides.device, "cuda:1");
  EXPECT_EQ(read.libraries, settings.libraries);
  EXPECT_EQ(read.parent, 7);
  EXPECT_EQ(read.memory_bytes, 1ULL << 40U);
  EXPECT_EQ(read.timeout, 0.25);
  EXPECT_TRUE(read.watch);
}

TEST(Facts, ArriveAsTheyWere) {
  const Facts read = facts_from_text(to_text({"1.2", "{\"a\": 1}", {{"x-y", "it is", "a\npage"}}}));
  EXPECT_EQ(read.libtorch, "1.2");
  EXPECT_EQ(read.schema, "{\"a\": 1}");
  ASSERT_EQ(read.rules.size(), 1U);
  EXPECT_EQ(read.rules[0].id, "x-y");
  EXPECT_EQ(read.rules[0].summary, "it is");
  EXPECT_EQ(read.rules[0].page, "a\npage");
}

}  // namespace
}  // namespace gradient_check::wire
