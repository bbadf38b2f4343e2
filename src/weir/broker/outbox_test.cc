#include "weir/broker/outbox.h"

#include <gtest/gtest.h>
#include <sys/uio.h>

#include "weir/sys/fake_disk.h"

namespace weir::broker {
namespace {

// Takes at most `budget` bytes, `piece` at a time.
class FakeSink final : public Sink {
 public:
  Result<size_t> send(const iovec* pieces, size_t count, bool) override {
    size_t taken = 0;
    for (size_t i = 0; i < count; ++i)
      taken += take({static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len});
    return taken;
  }
  Result<size_t> send_file(const FileRange& range) override {
    std::string bytes(range.size, '\0');
    bytes.resize(range.file->read_at(range.at, bytes.data(), bytes.size()).value());
    return take(bytes);
  }
  size_t take(std::string_view bytes) {
    const size_t n = std::min(bytes.size(), budget);
    got += bytes.substr(0, n);
    budget -= n;
    return n;
  }
  std::string got;
  size_t budget = 1 << 20;
};

TEST(Outbox, SendsAnswersInTheOrderOfTheirRequests) {
  Outbox outbox;
  FakeSink sink;
  const auto a = outbox.open_slot(10), b = outbox.open_slot(10), c = outbox.open_slot(10);
  outbox.answer(c, Reply::bytes("c"));
  outbox.answer(b, Reply::none());
  EXPECT_EQ(Outbox::Sent::kAll, outbox.flush(sink).value());
  EXPECT_EQ("", sink.got);
  EXPECT_EQ(3u, outbox.pending());
  outbox.answer(a, Reply::bytes("a"));
  EXPECT_EQ(Outbox::Sent::kAll, outbox.flush(sink).value());
  EXPECT_EQ("ac", sink.got);
  EXPECT_EQ(0u, outbox.pending());
  EXPECT_EQ(0u, outbox.bytes_held());
}

TEST(Outbox, ContinuesWhereAFullSinkStopped) {
  auto disk = FakeDisk();
  std::shared_ptr<File> file = disk.open("segment").value();
  ASSERT_TRUE(file->append("0123456789").has_value());
  for (size_t step = 1; step < 9; ++step) {
    Outbox outbox;
    FakeSink sink;
    sink.budget = 0;
    Reply reply;
    reply.parts = {std::string("head"), FileRange{file, 2, 5}, std::string(), std::string("tail")};
    outbox.answer(outbox.open_slot(1), std::move(reply));
    outbox.answer(outbox.open_slot(1), Reply::bytes("next"));
    while (outbox.flush(sink).value() == Outbox::Sent::kBlocked) sink.budget = step;
    EXPECT_EQ("head23456tailnext", sink.got) << step;
  }
}

TEST(Outbox, CountsWhatIsHeld) {
  Outbox outbox;
  const auto slot = outbox.open_slot(100);
  EXPECT_EQ(100u, outbox.bytes_held());
  outbox.answer(slot, Reply::bytes("12345"));
  EXPECT_EQ(5u, outbox.bytes_held());
}

TEST(Outbox, EndsTheConnectionOnlyWhenItsTurnComes) {
  Outbox outbox;
  FakeSink sink;
  const auto a = outbox.open_slot(1), b = outbox.open_slot(1), c = outbox.open_slot(1);
  outbox.answer(b, Reply::close());
  outbox.answer(c, Reply::bytes("never"));
  EXPECT_EQ(Outbox::Sent::kAll, outbox.flush(sink).value());
  outbox.answer(a, Reply::bytes("a"));
  EXPECT_EQ(Outbox::Sent::kClose, outbox.flush(sink).value());
  EXPECT_EQ("a", sink.got);
}

}  // namespace
}  // namespace weir::broker
