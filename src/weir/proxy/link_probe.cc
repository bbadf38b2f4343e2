#include "weir/proxy/link_probe.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace weir::proxy {
namespace {

// Size 14, ApiKey 18, version 0, correlation 1, client id "weir".
constexpr char kApiVersions[] = "\0\0\0\x0e\0\x12\0\0\0\0\0\x01\0\x04weir";
constexpr size_t kApiVersionsBytes = sizeof kApiVersions - 1;

}  // namespace

Result<LinkProbe> LinkProbe::start(const Address& to, Nanos now) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(to.port);
  if (inet_pton(AF_INET, to.host.c_str(), &where.sin_addr) != 1)
    return fail(Code::kUsage, "cannot probe " + to.text(), "its host is no IPv4 address");
  Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return tl::unexpected(error_from_errno(errno, "probe", to.text()));
  const int done = connect(socket.get(), reinterpret_cast<sockaddr*>(&where), sizeof where);
  if (done != 0 && errno != EINPROGRESS)
    return tl::unexpected(error_from_errno(errno, "probe", to.text()));
  return LinkProbe(std::move(socket), now);
}

LinkProbe::Answer LinkProbe::broken(Nanos now, int reason) const {
  return {false, now - begun_, reason == 0 ? "it was closed" : std::strerror(reason)};
}

std::optional<LinkProbe::Answer> LinkProbe::poll(Nanos now) {
  if (!asked_) {
    pollfd waiting{socket_.get(), POLLOUT, 0};
    if (::poll(&waiting, 1, 0) <= 0) return std::nullopt;
    int reason = 0;
    socklen_t size = sizeof reason;
    getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &reason, &size);
    if (reason != 0) return broken(now, reason);
    // A socket that has just connected has room for so little.
    const ssize_t sent = ::send(socket_.get(), kApiVersions, kApiVersionsBytes, MSG_NOSIGNAL);
    if (sent != ssize_t(kApiVersionsBytes)) return broken(now, sent < 0 ? errno : 0);
    asked_ = true;
    begun_ = now;
    return std::nullopt;
  }
  char answer[64];
  const ssize_t n = ::recv(socket_.get(), answer, sizeof answer, 0);
  if (n > 0) return Answer{true, now - begun_, {}};
  if (n == 0) return broken(now, 0);
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return std::nullopt;
  return broken(now, errno);
}

}  // namespace weir::proxy
