// The proxy between a client and a small server of this test, over real sockets.
#include "weir/proxy/link_proxy.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <string>
#include <thread>

#include "weir/proxy/fake_server.h"
#include "weir/proxy/frame_scanner.h"
#include "weir/proxy/link_probe.h"
#include "weir/sys/clock.h"

namespace weir::proxy {
namespace {

constexpr int kPatienceMs = 20'000;

bool readable(const Fd& fd, int limit_ms) {
  pollfd waiting{fd.get(), POLLIN, 0};
  return ::poll(&waiting, 1, limit_ms) > 0;
}

Fd connect_to(const Address& address) {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(address.port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&where), sizeof where), 0);
  return fd;
}

void write_all(const Fd& fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    ASSERT_GT(n, 0);
    bytes.remove_prefix(size_t(n));
  }
}

// Until so many bytes have come, or the connection or the patience has ended.
std::string read_some(const Fd& fd, size_t wanted, int limit_ms = kPatienceMs) {
  std::string got;
  char buffer[1 << 16];
  while (got.size() < wanted && readable(fd, limit_ms)) {
    const ssize_t n = ::recv(fd.get(), buffer, std::min(sizeof buffer, wanted - got.size()), 0);
    if (n <= 0) break;
    got.append(buffer, size_t(n));
  }
  return got;
}

class LinkProxyTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(proxy_->lead_to(echo_.address())); }
  Nanos now() const { return clock_.now(); }
  // A connection over which something has passed already.
  Fd open_link() {
    Fd fd = connect_to(proxy_->address());
    write_all(fd, "hello");
    EXPECT_EQ(read_some(fd, 5), "hello");
    return fd;
  }
  template <class F>
  bool comes_true(F&& condition) {
    const Nanos limit = now() + nanos_from_seconds(20);
    while (!condition())
      if (now() > limit) return false;
    return true;
  }

  SystemClock clock_{Anchor::take()};
  Echo echo_;
  std::unique_ptr<LinkProxy> proxy_ = LinkProxy::start().value();
};

TEST_F(LinkProxyTest, PassesBytesUnchangedBothWaysAndTheGoodbyeToo) {
  Fd fd = open_link();
  std::string sent;
  for (int i = 0; i < 300'000; ++i) sent += std::to_string(i);
  std::thread writer([&] { write_all(fd, sent); });
  EXPECT_EQ(read_some(fd, sent.size()), sent);
  writer.join();
  EXPECT_TRUE(comes_true([&] { return proxy_->counts().open == 1; }));
  ::shutdown(fd.get(), SHUT_WR);
  char byte;
  ASSERT_TRUE(readable(fd, kPatienceMs));
  EXPECT_EQ(::recv(fd.get(), &byte, 1, 0), 0);
  EXPECT_TRUE(comes_true([&] { return proxy_->counts().open == 0; }));
  EXPECT_TRUE(comes_true([&] { return proxy_->counts().bytes_up == sent.size() + 5; }));
  EXPECT_EQ(proxy_->counts().bytes_down, sent.size() + 5);
}

TEST_F(LinkProxyTest, ResetsWhatLeadsNowhere) {
  const auto lonely = LinkProxy::start().value();
  Fd fd = connect_to(lonely->address());
  char byte;
  ASSERT_TRUE(readable(fd, kPatienceMs));
  EXPECT_LT(::recv(fd.get(), &byte, 1, 0), 0);
  EXPECT_EQ(errno, ECONNRESET);
}

TEST_F(LinkProxyTest, ACutByResetEndsOldAndNewConnectionsUntilItIsMended) {
  Fd before = open_link();
  proxy_->set({.cut = Cut::kReset});
  char byte;
  ASSERT_TRUE(readable(before, kPatienceMs));
  EXPECT_LT(::recv(before.get(), &byte, 1, 0), 0);
  EXPECT_EQ(errno, ECONNRESET);
  Fd during = connect_to(proxy_->address());
  ASSERT_TRUE(readable(during, kPatienceMs));
  EXPECT_LT(::recv(during.get(), &byte, 1, 0), 0);
  EXPECT_TRUE(comes_true([&] { return proxy_->counts().reset == 2; }));
  proxy_->set({});
  open_link();
}

TEST_F(LinkProxyTest, ABlackholeHoldsEverythingAndLosesNothing) {
  Fd before = open_link();
  proxy_->set({.cut = Cut::kBlackhole});
  write_all(before, "into the dark");
  Fd during = connect_to(proxy_->address());
  write_all(during, "who is there");
  EXPECT_FALSE(readable(before, 150));
  EXPECT_FALSE(readable(during, 50));
  proxy_->set({});
  EXPECT_EQ(read_some(before, 13), "into the dark");
  EXPECT_EQ(read_some(during, 12), "who is there");
}

TEST_F(LinkProxyTest, AHangUpInTheDarkIsSeenAfterwards) {
  Fd before = open_link();
  proxy_->set({.cut = Cut::kBlackhole});
  const linger hard{1, 0};
  setsockopt(before.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  before.close();
  proxy_->set({});
  EXPECT_TRUE(comes_true([&] { return proxy_->counts().open == 0; }));
}

TEST_F(LinkProxyTest, DelaysEachDirectionByWhatItIsTold) {
  Fd fd = open_link();
  proxy_->set({.delay_up = nanos_from_millis(60), .delay_down = nanos_from_millis(40)});
  // Orders and bytes take different ways to the proxy: a first exchange settles them.
  ASSERT_TRUE(comes_true([&] {
    const Nanos sent = now();
    write_all(fd, "x");
    return read_some(fd, 1) == "x" && now() - sent >= nanos_from_millis(100);
  }));
  const Nanos sent = now();
  write_all(fd, "again");
  EXPECT_EQ(read_some(fd, 5), "again");
  EXPECT_GE(now() - sent, nanos_from_millis(100));
  proxy_->set({});
  write_all(fd, "fast");
  EXPECT_EQ(read_some(fd, 4), "fast");
}

TEST_F(LinkProxyTest, AThrottleLetsNoMoreThroughThanItsRate) {
  Fd fd = open_link();
  constexpr double kRate = 100'000;
  proxy_->set({.bytes_per_s_up = kRate});
  const Counts first = proxy_->counts();
  const Nanos begun = now();
  const std::string bytes(40'000, 'x');
  std::thread writer([&] { write_all(fd, bytes); });
  EXPECT_EQ(read_some(fd, bytes.size()), bytes);
  writer.join();
  // All but the first portion waited for its time.
  EXPECT_GE((now() - begun).seconds(), (double(bytes.size()) - 4096) / kRate - 0.05);
  EXPECT_EQ(proxy_->counts().bytes_up - first.bytes_up, bytes.size());
}

TEST_F(LinkProxyTest, AHeldProduceRequestWaitsAndOthersDoNot) {
  Fd producer = connect_to(proxy_->address()), other = connect_to(proxy_->address());
  proxy_->set({.hold_produce = nanos_from_millis(120)});
  const std::string metadata = request(3, 1, 40), produce = request(0, 2, 70'000);
  ASSERT_TRUE(comes_true([&] {
    const Nanos sent = now();
    write_all(producer, request(0, 1, 10));
    return read_some(producer, 22).size() == 22 && now() - sent >= nanos_from_millis(120);
  }));
  const Nanos sent = now();
  std::thread writer([&] { write_all(producer, metadata + produce); });
  // What came before the Produce request on the connection is not held.
  EXPECT_EQ(read_some(producer, metadata.size()), metadata);
  write_all(other, metadata);
  EXPECT_EQ(read_some(other, metadata.size()), metadata);
  EXPECT_EQ(read_some(producer, produce.size()), produce);
  EXPECT_GE(now() - sent, nanos_from_millis(120));
  writer.join();
}

TEST_F(LinkProxyTest, ProbesAnAnswerASilenceAndAReset) {
  const auto probe = [&](Nanos patience) {
    auto one = LinkProbe::start(proxy_->address(), now()).value();
    const Nanos limit = now() + patience;
    std::optional<LinkProbe::Answer> answer;
    while (!answer && now() < limit) answer = one.poll(now());
    return answer;
  };
  const auto usual = probe(nanos_from_seconds(20));
  ASSERT_TRUE(usual);
  EXPECT_TRUE(usual->answered) << usual->trouble;
  proxy_->set({.cut = Cut::kBlackhole});
  EXPECT_FALSE(probe(nanos_from_millis(100)));
  proxy_->set({.cut = Cut::kReset});
  const auto refused = probe(nanos_from_seconds(20));
  ASSERT_TRUE(refused);
  EXPECT_FALSE(refused->answered);
  EXPECT_NE(refused->trouble, "");
}

TEST(FrameScannerTest, FindsFramesHoweverTheyAreCut) {
  const std::string stream = request(0, 1, 5) + request(18, 2, 0) + request(1, 3, 300);
  for (size_t portion = 1; portion <= stream.size(); ++portion) {
    FrameScanner scanner(Direction::kRequests);
    std::vector<std::pair<int, int>> found;
    std::vector<size_t> begins;
    for (size_t at = 0; at < stream.size(); at += portion)
      scanner.scan(std::string_view(stream).substr(at, portion), [&](const FrameHead& head) {
        found.emplace_back(head.api, head.correlation);
        begins.push_back(at + head.at);
      });
    const std::vector<std::pair<int, int>> expected{{0, 1}, {18, 2}, {1, 3}};
    ASSERT_EQ(found, expected) << "in portions of " << portion;
    if (portion == stream.size()) {
      EXPECT_EQ(begins, (std::vector<size_t>{0, 17, 29}));
    }
  }
}

TEST(FrameScannerTest, GivesUpOnWhatIsNoFrame) {
  FrameScanner scanner(Direction::kRequests);
  int found = 0;
  for (const std::string& bytes : {std::string(40, '\xff'), request(0, 1, 5)})
    scanner.scan(bytes, [&](const FrameHead&) { ++found; });
  EXPECT_EQ(found, 0);
  FrameScanner small(Direction::kAnswers);
  small.scan(std::string("\0\0\0\x01zzzzzzzz", 12), [&](const FrameHead&) { ++found; });
  EXPECT_EQ(found, 0);
}

}  // namespace
}  // namespace weir::proxy
