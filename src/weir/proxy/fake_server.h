// What stands behind the proxy in tests: a server that sends everything back, and frames to send
// it.
#pragma once
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <string>
#include <thread>
#include <vector>

#include "weir/sys/net.h"
#include "weir/sys/poller.h"

namespace weir::proxy {

// Sends back whatever it is sent.
class Echo {
 public:
  Echo() : listeners_(listen_tcp({"127.0.0.1", 0}).value()) {
    address_ = local_address(listeners_.front()).value();
    thread_ = std::thread([this] { run(); });
  }
  ~Echo() {
    stopping_ = true;
    poller_.wake();
    thread_.join();
  }
  const Address& address() const { return address_; }

 private:
  void run() {
    std::vector<Fd> open;
    ASSERT_TRUE(poller_.add(listeners_.front(), {}, 0));
    while (!stopping_) {
      for (const auto& event : poller_.wait(Nanos(-1))) {
        if (event.tag == 0) {
          while (auto accepted = accept_tcp(listeners_.front()).value()) {
            open.push_back(std::move(*accepted));
            ASSERT_TRUE(poller_.add(open.back(), {}, open.size()));
          }
          continue;
        }
        Fd& fd = open[event.tag - 1];
        char buffer[1 << 16];
        const ssize_t n = ::recv(fd.get(), buffer, sizeof buffer, 0);
        if (n <= 0) {
          fd.close();
          continue;
        }
        for (ssize_t sent = 0; sent < n;) {
          const ssize_t more = ::send(fd.get(), buffer + sent, size_t(n - sent), MSG_NOSIGNAL);
          if (more < 0 && errno != EAGAIN) break;
          sent += std::max<ssize_t>(more, 0);
        }
      }
    }
  }
  std::vector<Fd> listeners_;
  Address address_;
  Poller poller_ = Poller::open().value();
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

// A request's frame: size, API, version, correlation, and as many bytes as it takes.
inline std::string request(int16_t api, char correlation, size_t body) {
  const size_t size = 8 + body;
  std::string frame{char(size >> 24),
                    char(size >> 16),
                    char(size >> 8),
                    char(size),
                    char(api >> 8),
                    char(api),
                    0,
                    3,
                    0,
                    0,
                    0,
                    correlation};
  return frame + std::string(body, 'b');
}

}  // namespace weir::proxy
