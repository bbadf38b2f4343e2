// TCP sockets: addresses as people write them, listening, accepting. All sockets are non-blocking,
// close-on-exec and send without delay. Functions are thread safe; an Fd has one owner.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/result.h"

namespace weir {

// A file descriptor that is closed with its owner; -1 when empty.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~Fd() { close(); }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void close();

 private:
  int fd_ = -1;
};

struct Address {
  std::string host;
  uint16_t port = 0;

  // Reads "host:port", "[v6]:port" or ":port" (all interfaces); kUsage when it is none of these.
  static Result<Address> parse(std::string_view text);
  std::string text() const;  // an IPv6 host in brackets
  bool operator==(const Address&) const = default;
};

// Listens on every address that the host names, all on the same port (port 0: one the system
// picks); takes over a port whose last owner died. kUsage when the port is taken or the host is not
// ours.
Result<std::vector<Fd>> listen_tcp(const Address& address);

// The numeric addresses of the two ends of a socket.
Result<Address> local_address(const Fd& socket);
Result<Address> peer_address(const Fd& socket);

// The next connection that waits on `listener`; empty when none does. Fails when the process has no
// descriptors left.
Result<std::optional<Fd>> accept_tcp(const Fd& listener);

// Raises the limit of open descriptors to the hard limit; returns it.
size_t raise_descriptor_limit();

}  // namespace weir
