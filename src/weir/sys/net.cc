#include "weir/sys/net.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "weir/base/parse_number.h"

namespace weir {

void Fd::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Result<Address> Address::parse(std::string_view text) {
  auto wrong = [&](const char* why) {
    return fail(Code::kUsage, "cannot read the address " + std::string(text), why,
                "write it as host:port, for example 127.0.0.1:9092 or [::1]:9092");
  };
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong("it has no port");
  std::string_view host = text.substr(0, colon), digits = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return wrong("an IPv6 address needs brackets");
  }
  const auto port = parse_number<uint16_t>(digits);
  if (!port) return wrong("the port is no number from 0 to 65535");
  return Address{std::string(host), *port};
}

std::string Address::text() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

namespace {
Result<Fd> listen_one(const addrinfo& info, uint16_t port, const Address& asked) {
  sockaddr_storage where{};
  std::memcpy(&where, info.ai_addr, info.ai_addrlen);
  if (info.ai_family == AF_INET6)
    reinterpret_cast<sockaddr_in6&>(where).sin6_port = htons(port);
  else
    reinterpret_cast<sockaddr_in&>(where).sin_port = htons(port);
  Fd fd(::socket(info.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return tl::unexpected(error_from_errno(errno, "listen on", asked.text()));
  const int on = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // The wildcard of IPv6 is bound beside the one of IPv4, not over it.
  if (info.ai_family == AF_INET6) setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&where), info.ai_addrlen) != 0 ||
      ::listen(fd.get(), 1024) != 0) {
    const int reason = errno;
    Error error = error_from_errno(reason, "listen on", asked.text());
    if (reason == EADDRINUSE || reason == EADDRNOTAVAIL || reason == EACCES) {
      error.code = Code::kUsage;
      error.remedy =
          reason == EADDRINUSE ? "stop the program that uses this port, or choose port 0 "
                                 "to get a free one"
          : reason == EACCES   ? "choose a port above 1023"
                               : "choose an address of this machine, for example 127.0.0.1";
    }
    return tl::unexpected(std::move(error));
  }
  return fd;
}

Result<Address> name_of(const sockaddr_storage& from, socklen_t size) {
  char host[NI_MAXHOST], port[NI_MAXSERV];
  if (getnameinfo(reinterpret_cast<const sockaddr*>(&from), size, host, sizeof host, port,
                  sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return fail(Code::kFailed, "cannot name a socket's address");
  return Address{host, uint16_t(std::strtoul(port, nullptr, 10))};
}
}  // namespace

Result<std::vector<Fd>> listen_tcp(const Address& address) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const char* host = address.host.empty() ? nullptr : address.host.c_str();
  if (const int failed = getaddrinfo(host, "0", &hints, &found); failed != 0)
    return fail(Code::kUsage, "cannot listen on " + address.text(), gai_strerror(failed),
                "choose an address of this machine, for example 127.0.0.1");
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
  std::vector<Fd> listeners;
  std::vector<std::string> seen;  // a resolver may name an address twice
  uint16_t port = address.port;
  Result<Fd> last = Fd();
  for (const addrinfo* info = found; info; info = info->ai_next) {
    if (info->ai_family != AF_INET && info->ai_family != AF_INET6) continue;
    std::string raw(reinterpret_cast<const char*>(info->ai_addr), info->ai_addrlen);
    if (std::find(seen.begin(), seen.end(), raw) != seen.end()) continue;
    seen.push_back(std::move(raw));
    last = listen_one(*info, port, address);
    // A machine without IPv6 still names ::1; a taken port is an error on any address.
    if (!last && last.error().why == std::strerror(EADDRINUSE)) break;
    if (!last) continue;
    if (port == 0) port = WEIR_TRY(local_address(*last)).port;
    listeners.push_back(std::move(*last));
  }
  if (!last && (listeners.empty() || last.error().why == std::strerror(EADDRINUSE)))
    return tl::unexpected(std::move(last).error());
  if (listeners.empty())
    return fail(Code::kUsage, "cannot listen on " + address.text(), "the host has no address");
  return listeners;
}

Result<Address> local_address(const Fd& socket) {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  if (getsockname(socket.get(), reinterpret_cast<sockaddr*>(&from), &size) != 0)
    return tl::unexpected(error_from_errno(errno, "name", "a socket"));
  return name_of(from, size);
}

Result<Address> peer_address(const Fd& socket) {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  if (getpeername(socket.get(), reinterpret_cast<sockaddr*>(&from), &size) != 0)
    return tl::unexpected(error_from_errno(errno, "name", "a peer"));
  return name_of(from, size);
}

Result<std::optional<Fd>> accept_tcp(const Fd& listener) {
  while (true) {
    Fd fd(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd) {
      const int on = 1;
      setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      return std::optional<Fd>(std::move(fd));
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::optional<Fd>();
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
      return tl::unexpected(error_from_errno(errno, "accept", "a connection"));
    // Anything else (ECONNABORTED, EINTR, network errors) concerns this one connection only.
  }
}

size_t raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}

}  // namespace weir
