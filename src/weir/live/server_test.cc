#include "weir/live/server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <sys/socket.h>

#include <chrono>
#include <future>

namespace weir::live {
namespace {
using testing::HasSubstr;
using testing::StartsWith;

// A client that waits at most five seconds for anything.
class Client {
 public:
  explicit Client(const std::string& link) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval limit{5, 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const size_t colon = link.rfind(':');
    address.sin_port = htons(uint16_t(std::stoi(link.substr(colon + 1))));
    EXPECT_EQ(connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  void send(const std::string& text) {
    EXPECT_EQ(::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL), ssize_t(text.size()));
  }
  // Reads until `mark` came or the peer ended; all that came.
  std::string read_until(const std::string& mark) {
    while (text_.find(mark) == std::string::npos) {
      char bytes[4096];
      const ssize_t size = recv(fd_.get(), bytes, sizeof bytes, 0);
      if (size <= 0) return text_ + "|end";
      text_.append(bytes, size_t(size));
    }
    return text_;
  }
  void forget() { text_.clear(); }

 private:
  Fd fd_;
  std::string text_;
};

class LiveServer : public testing::Test {
 protected:
  void start(Limits limits = {}, Nanos update = nanos_from_millis(5)) {
    limits.update = update;
    auto started = Server::start({{"127.0.0.1", 0}, "token", limits}, board_);
    ASSERT_TRUE(started) << to_text(started.error());
    server_ = std::move(*started);
  }
  void tell(double second) {
    Reading reading;
    reading.at = nanos_from_seconds(second);
    reading.experiment = "load", reading.step = "1k", reading.phase = "load";
    reading.offered = uint64_t(second * 1000);
    board_.read(reading);
  }
  Board board_{About{"run-1", "load", "b", "e", "metrics", "0.1", Nanos(0), 10}};
  std::unique_ptr<Server> server_;
};

TEST_F(LiveServer, AnswersSeveralRequestsOnOneConnection) {
  start();
  Client client(server_->link());
  for (int i = 0; i < 3; ++i) {
    client.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(client.read_until("ok\n"), StartsWith("HTTP/1.1 200"));
    client.forget();
  }
  client.send("GET /metrics?t=token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read_until("never"), HasSubstr("weir_run_active 1\n"));
}

TEST_F(LiveServer, SendsWhatIsToldAndTheEndAndThenLetsTheRunGo) {
  start();
  Client client(server_->link());
  client.send("GET /api/v1/events?t=token HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_until("\"newest\":0"), HasSubstr("Content-Type: text/event-stream"));
  tell(1);
  EXPECT_THAT(client.read_until("id: 1\n"), HasSubstr("retry: 1000"));
  tell(2);
  client.read_until("id: 2\n");
  board_.end({0, "measured", "", {"It keeps up."}});
  client.read_until("It keeps up.");
  auto finished =
      std::async(std::launch::async, [this] { server_->finish(nanos_from_seconds(60)); });
  client = Client(server_->link());  // the page closes its stream
  EXPECT_EQ(finished.wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

TEST_F(LiveServer, TellsTheEndWithoutWaitingForTheNextSecond) {
  Limits limits;
  start(limits, nanos_from_seconds(3600));
  Client client(server_->link());
  client.send("GET /api/v1/events?t=token HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read_until("id: 0\n");
  board_.end({0, "measured", "", {"It keeps up."}});
  auto finished =
      std::async(std::launch::async, [this] { server_->finish(nanos_from_seconds(60)); });
  EXPECT_THAT(client.read_until("It keeps up."), HasSubstr("It keeps up."));
  client = Client(server_->link());
  EXPECT_EQ(finished.wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

TEST_F(LiveServer, EndsAtOnceWithPagesStillOpen) {
  start();
  Client client(server_->link());
  client.send("GET /api/v1/events?t=token HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read_until("id: 0\n");
  server_.reset();
  EXPECT_THAT(client.read_until("never"), HasSubstr("|end"));
}

TEST_F(LiveServer, DropsARequestThatDoesNotComeToItsEnd) {
  Limits limits;
  limits.idle = nanos_from_millis(100);
  start(limits);
  Client client(server_->link());
  client.send("GET /metrics?t=token HTTP/1.1\r\nX-Slow: ");
  EXPECT_EQ(client.read_until("never"), "|end");
}

TEST_F(LiveServer, RefusesLongHeadsAndNonsense) {
  start();
  Client longer(server_->link());
  longer.send("GET / HTTP/1.1\r\nX-Long: " + std::string(9000, 'x') + "\r\n\r\n");
  EXPECT_THAT(longer.read_until("never"), StartsWith("HTTP/1.1 431"));
  Client nonsense(server_->link());
  nonsense.send("\x16\x03\x01 hello\r\n\r\n");
  EXPECT_THAT(nonsense.read_until("never"), StartsWith("HTTP/1.1 400"));
  Client post(server_->link());
  post.send("POST /?t=token HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_THAT(post.read_until("never"), StartsWith("HTTP/1.1 405"));
}

TEST_F(LiveServer, BoundsConnectionsAndStreams) {
  Limits limits;
  limits.connections_max = 3;
  limits.streams_max = 1;
  start(limits);
  Client stream(server_->link()), other(server_->link());
  stream.send("GET /api/v1/events?t=token HTTP/1.1\r\nHost: x\r\n\r\n");
  stream.read_until("id: 0\n");
  other.send("GET /api/v1/events?t=token HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(other.read_until("never"), StartsWith("HTTP/1.1 503"));
  Client a(server_->link()), b(server_->link()), c(server_->link());
  int served = 0;
  for (Client* client : {&a, &b, &c}) {
    client->send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    served += client->read_until("ok\n").find("200 OK") != std::string::npos;
  }
  EXPECT_LE(served, 2);
}

TEST_F(LiveServer, SaysWhenItsAddressIsTaken) {
  start();
  const std::string link = server_->link();
  const size_t colon = link.rfind(':');
  const uint16_t port = uint16_t(std::stoi(link.substr(colon + 1)));
  auto second = Server::start({{"127.0.0.1", port}, "token", {}}, board_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kUsage);
}

TEST(NewToken, IsLongAndNeverTheSame) {
  EXPECT_EQ(new_token().size(), 16u);
  EXPECT_NE(new_token(), new_token());
}

}  // namespace
}  // namespace weir::live
