#include "weir/sys/net.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "weir/sys/poller.h"

namespace weir {
namespace {

Fd connect_to(const Address& address) {
  Fd fd(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(address.port);
  inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
  EXPECT_EQ(0, ::connect(fd.get(), reinterpret_cast<sockaddr*>(&to), sizeof to));
  return fd;
}

TEST(Address, ReadsWhatPeopleWrite) {
  EXPECT_EQ((Address{"localhost", 9092}), Address::parse("localhost:9092").value());
  EXPECT_EQ((Address{"::1", 0}), Address::parse("[::1]:0").value());
  EXPECT_EQ((Address{"", 80}), Address::parse(":80").value());
  EXPECT_EQ("[::1]:7", (Address{"::1", 7}).text());
}

TEST(Address, RefusesTheRestInThreeParts) {
  for (const char* text : {"localhost", "a:", "a:b", "a:65536", "::1:90", "a:-1", ""}) {
    const auto parsed = Address::parse(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(Code::kUsage, parsed.error().code);
    EXPECT_FALSE(parsed.error().why.empty());
    EXPECT_FALSE(parsed.error().remedy.empty());
  }
}

TEST(Net, ListensOnAFreePortAndAccepts) {
  const auto listeners = listen_tcp({"127.0.0.1", 0}).value();
  ASSERT_EQ(1u, listeners.size());
  const auto address = local_address(listeners[0]).value();
  EXPECT_NE(0, address.port);
  EXPECT_FALSE(accept_tcp(listeners[0]).value().has_value());
  const Fd client = connect_to(address);
  auto poller = Poller::open().value();
  ASSERT_TRUE(poller.add(listeners[0], {}, 7).has_value());
  const auto events = poller.wait(nanos_from_seconds(10));
  ASSERT_EQ(1u, events.size());
  EXPECT_EQ(7u, events[0].tag);
  const auto accepted = accept_tcp(listeners[0]).value();
  ASSERT_TRUE(accepted.has_value());
  EXPECT_EQ(address, local_address(*accepted).value());
  EXPECT_EQ(local_address(client).value(), peer_address(*accepted).value());
}

TEST(Net, SaysThatAPortIsTaken) {
  const auto listeners = listen_tcp({"127.0.0.1", 0}).value();
  const auto again = listen_tcp(local_address(listeners[0]).value());
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(Code::kUsage, again.error().code);
  EXPECT_NE(std::string::npos, again.error().remedy.find("port 0"));
}

TEST(Net, SaysThatAHostIsNotOurs) {
  const auto elsewhere = listen_tcp({"192.0.2.1", 0});
  ASSERT_FALSE(elsewhere.has_value());
  EXPECT_EQ(Code::kUsage, elsewhere.error().code);
}

TEST(Poller, IsWokenFromAnotherThread) {
  auto poller = Poller::open().value();
  std::thread other([&] { poller.wake(); });
  EXPECT_TRUE(poller.wait(Nanos(-1)).empty());
  other.join();
}

TEST(Poller, ReportsOnlyWhatIsOfInterest) {
  int pair[2];
  ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  const Fd near(pair[0]), far(pair[1]);
  auto poller = Poller::open().value();
  ASSERT_TRUE(poller.add(near, {.readable = false, .writable = false}, 1).has_value());
  ASSERT_EQ(1, ::write(far.get(), "x", 1));
  EXPECT_TRUE(poller.wait(Nanos(0)).empty());
  ASSERT_TRUE(poller.change(near, {.readable = true, .writable = true}, 2).has_value());
  const auto events = poller.wait(Nanos(0));
  ASSERT_EQ(1u, events.size());
  EXPECT_TRUE(events[0].readable && events[0].writable);
  EXPECT_EQ(2u, events[0].tag);
  poller.forget(near);
  EXPECT_TRUE(poller.wait(Nanos(0)).empty());
}

}  // namespace
}  // namespace weir
