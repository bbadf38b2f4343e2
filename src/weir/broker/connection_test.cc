#include "weir/broker/connection.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "weir/broker/test_frames.h"

namespace weir::broker {
namespace {

class ConnectionTest : public testing::Test {
 protected:
  void SetUp() override {
    int pair[2];
    ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair));
    client = Fd(pair[0]);
    connection = std::make_unique<Connection>(1, Fd(pair[1]), limits());
  }
  static ConnectionLimits limits() {
    return {.frame_bytes_max = 1000, .pending_requests_max = 3, .held_bytes_max = 1 << 20};
  }
  void send(const std::string& bytes) {
    ASSERT_EQ(ssize_t(bytes.size()), ::write(client.get(), bytes.data(), bytes.size()));
  }
  std::string received() {
    std::string bytes(1 << 20, '\0');
    const auto n = ::read(client.get(), bytes.data(), bytes.size());
    bytes.resize(n > 0 ? size_t(n) : 0);
    return bytes;
  }
  Connection::OnRequest keep = [this](Connection& c, std::span<char> frame) {
    requests.emplace_back(frame.data(), frame.size());
    slots.push_back(c.open_slot(frame.size()));
    return requests.back() != "nonsense";
  };
  Fd client;
  std::unique_ptr<Connection> connection;
  std::vector<std::string> requests;
  std::vector<uint64_t> slots;
};

TEST_F(ConnectionTest, ReadsOnWhileEarlierRequestsAwaitTheirAnswers) {
  send(frame_of("a") + frame_of("b"));
  EXPECT_EQ(Connection::Fate::kOpen, connection->read(keep));
  EXPECT_EQ((std::vector<std::string>{"a", "b"}), requests);
  connection->answer(slots[1], Reply::bytes("B"));
  EXPECT_EQ(Connection::Fate::kOpen, connection->flush(keep));
  EXPECT_EQ("", received());
  connection->answer(slots[0], Reply::bytes("A"));
  EXPECT_EQ(Connection::Fate::kOpen, connection->flush(keep));
  EXPECT_EQ("AB", received());
}

TEST_F(ConnectionTest, StopsReadingFromAClientWithTooMuchUnanswered) {
  send(frame_of("a") + frame_of("b") + frame_of("c") + frame_of("d"));
  EXPECT_EQ(Connection::Fate::kOpen, connection->read(keep));
  EXPECT_EQ(3u, requests.size());
  EXPECT_FALSE(connection->wanted().readable);
  connection->answer(slots[0], Reply::none());
  EXPECT_EQ(Connection::Fate::kOpen, connection->flush(keep));
  EXPECT_EQ(4u, requests.size());  // what was held back came in by itself
  EXPECT_FALSE(connection->wanted().readable);
  connection->answer(slots[1], Reply::none());
  EXPECT_EQ(Connection::Fate::kOpen, connection->flush(keep));
  EXPECT_TRUE(connection->wanted().readable);
}

TEST_F(ConnectionTest, WaitsForAClientThatDoesNotRead) {
  send(frame_of("a"));
  EXPECT_EQ(Connection::Fate::kOpen, connection->read(keep));
  const std::string large(5 << 20, 'x');
  connection->answer(slots[0], Reply::bytes(large));
  EXPECT_EQ(Connection::Fate::kOpen, connection->flush(keep));
  EXPECT_TRUE(connection->wanted().writable);
  EXPECT_FALSE(connection->wanted().readable);  // five megabytes are more than it may have waiting
  std::string all;
  while (all.size() < large.size()) {
    all += received();
    ASSERT_EQ(Connection::Fate::kOpen, connection->flush(keep));
  }
  EXPECT_EQ(large, all);
  EXPECT_EQ((Interest{.readable = true, .writable = false}), connection->wanted());
}

TEST_F(ConnectionTest, EndsOnNonsense) {
  send(frame_of("nonsense"));
  EXPECT_EQ(Connection::Fate::kClosed, connection->read(keep));
}

TEST_F(ConnectionTest, EndsOnAnImpossibleLength) {
  send(std::string("\xff\xff\xff\xff", 4));
  EXPECT_EQ(Connection::Fate::kClosed, connection->read(keep));
  EXPECT_NE("", connection->why_closed);
}

TEST_F(ConnectionTest, ServesWhatCameBeforeThePeerWent) {
  send(frame_of("a"));
  client.close();
  EXPECT_EQ(Connection::Fate::kOpen, connection->read(keep));
  EXPECT_EQ(1u, requests.size());
  EXPECT_EQ(Connection::Fate::kClosed, connection->read(keep));
}

}  // namespace
}  // namespace weir::broker
