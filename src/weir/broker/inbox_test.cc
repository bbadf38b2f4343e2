#include "weir/broker/inbox.h"

#include <gtest/gtest.h>

#include <cstring>

#include "weir/broker/test_frames.h"

namespace weir::broker {
namespace {

// Feeds `bytes` in pieces of at most `piece`, collecting the frames.
std::vector<std::string> feed(Inbox& inbox, std::string_view bytes, size_t piece) {
  std::vector<std::string> frames;
  while (!bytes.empty()) {
    const auto room = inbox.room();
    EXPECT_FALSE(room.empty());
    const size_t n = std::min({piece, room.size(), bytes.size()});
    std::memcpy(room.data(), bytes.data(), n);
    inbox.received(n);
    bytes.remove_prefix(n);
    std::span<char> frame;
    while (inbox.next(frame) == Inbox::Next::kFrame)
      frames.emplace_back(frame.data(), frame.size());
  }
  return frames;
}

TEST(Inbox, CutsFramesHoweverTheyArrive) {
  const std::string large(300'000, 'x');
  const std::string stream = frame_of("a") + frame_of("bc") + frame_of(large) + frame_of("d");
  for (const size_t piece : {size_t(1), size_t(3), size_t(1000), size_t(65536), stream.size()}) {
    Inbox inbox(1 << 20);
    EXPECT_EQ((std::vector<std::string>{"a", "bc", large, "d"}), feed(inbox, stream, piece));
  }
}

TEST(Inbox, RefusesImpossibleLengths) {
  for (const int32_t length : {0, -1, INT32_MIN, 101}) {
    Inbox inbox(100);
    char bytes[4];
    store_be(bytes, length);
    std::memcpy(inbox.room().data(), bytes, 4);
    inbox.received(4);
    std::span<char> frame;
    EXPECT_EQ(Inbox::Next::kBadLength, inbox.next(frame)) << length;
  }
}

TEST(Inbox, MakesRoomForWhatCameNotForWhatWasAnnounced) {
  Inbox inbox(100 << 20);
  char bytes[4];
  store_be(bytes, int32_t(100 << 20));
  std::memcpy(inbox.room().data(), bytes, 4);
  inbox.received(4);
  std::span<char> frame;
  EXPECT_EQ(Inbox::Next::kNeedMore, inbox.next(frame));
  EXPECT_LE(inbox.room().size(), size_t(64 << 10));
}

}  // namespace
}  // namespace weir::broker
