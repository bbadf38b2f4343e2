#include "weir/proxy/pipe.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace weir::proxy {

void Pipe::add(std::string_view bytes, Nanos release) {
  if (bytes.empty()) return;
  if (!chunks_.empty()) release = std::max(release, chunks_.back().release);
  held_ += bytes.size();
  if (!chunks_.empty() && chunks_.back().release == release)
    chunks_.back().bytes += bytes;
  else
    chunks_.push_back({release, std::string(bytes)});
}

std::optional<size_t> Pipe::send_to(const Fd& socket, Nanos now, size_t most) {
  size_t total = 0;
  blocked_ = false;
  while (!chunks_.empty() && chunks_.front().release <= now && total < most) {
    const std::string& bytes = chunks_.front().bytes;
    const size_t wanted = std::min(bytes.size() - sent_, most - total);
    const ssize_t n = ::send(socket.get(), bytes.data() + sent_, wanted, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      blocked_ = true;
      break;
    }
    if (n < 0) return std::nullopt;
    total += size_t(n);
    sent_ += size_t(n);
    if (sent_ == bytes.size()) chunks_.pop_front(), sent_ = 0;
  }
  held_ -= total;
  return total;
}

std::optional<Nanos> Pipe::next() const {
  if (chunks_.empty()) return std::nullopt;
  return chunks_.front().release;
}

}  // namespace weir::proxy
