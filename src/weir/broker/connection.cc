#include "weir/broker/connection.h"

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

namespace weir::broker {
namespace {

// How much one connection may read in a turn before others get theirs.
constexpr size_t kReadBytesPerTurn = 2 << 20;

class SocketSink final : public Sink {
 public:
  explicit SocketSink(int fd) : fd_(fd) {}

  Result<size_t> send(const iovec* pieces, size_t count, bool more) override {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces);
    message.msg_iovlen = count;
    return outcome(::sendmsg(fd_, &message, MSG_NOSIGNAL | MSG_DONTWAIT | (more ? MSG_MORE : 0)));
  }

  Result<size_t> send_file(const FileRange& range) override {
    const int file = range.file->descriptor();
    if (file < 0) return send_copy(range);
    off_t at = off_t(range.at);
    const ssize_t n = ::sendfile(fd_, file, &at, range.size);
    if (n == 0 && range.size > 0)
      return fail(Code::kCorrupt, "a segment file is shorter than its log says");
    return outcome(n);
  }

 private:
  // A file without a descriptor (a fake disk's) goes through memory.
  Result<size_t> send_copy(const FileRange& range) {
    std::string bytes(std::min<uint64_t>(range.size, 64 << 10), '\0');
    bytes.resize(WEIR_TRY(range.file->read_at(range.at, bytes.data(), bytes.size())));
    const iovec piece{bytes.data(), bytes.size()};
    return send(&piece, 1, false);
  }
  static Result<size_t> outcome(ssize_t n) {
    if (n >= 0) return size_t(n);
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return size_t(0);
    return tl::unexpected(error_from_errno(errno, "send to", "a client"));
  }

  const int fd_;
};

}  // namespace

Connection::Connection(uint64_t id, Fd socket, const ConnectionLimits& limits)
    : id_(id), socket_(std::move(socket)), limits_(limits), inbox_(limits.frame_bytes_max) {
  // A peer that is gone already has no address; its first read will tell.
  if (auto address = peer_address(socket_)) peer_ = std::move(*address);
  if (auto address = local_address(socket_)) local_ = std::move(*address);
}

Connection::Fate Connection::hand_on(const OnRequest& on_request) {
  while (may_take_more()) {
    std::span<char> frame;
    switch (inbox_.next(frame)) {
      case Inbox::Next::kNeedMore:
        held_back_ = false;
        return Fate::kOpen;
      case Inbox::Next::kBadLength:
        why_closed = "a frame's length is impossible";
        return Fate::kClosed;
      case Inbox::Next::kFrame:
        if (!on_request(*this, frame)) return Fate::kClosed;
    }
  }
  held_back_ = true;
  return Fate::kOpen;
}

Connection::Fate Connection::read(const OnRequest& on_request) {
  for (size_t taken = 0; taken < kReadBytesPerTurn && !held_back_;) {
    const auto room = inbox_.room();
    const ssize_t n = ::recv(socket_.get(), room.data(), room.size(), MSG_DONTWAIT);
    if (n == 0) return Fate::kClosed;
    if (n < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return Fate::kOpen;
      return Fate::kClosed;
    }
    taken += size_t(n);
    inbox_.received(size_t(n));
    if (hand_on(on_request) == Fate::kClosed) return Fate::kClosed;
    if (size_t(n) < room.size()) return Fate::kOpen;
  }
  return Fate::kOpen;
}

Connection::Fate Connection::flush(const OnRequest& on_request) {
  SocketSink sink(socket_.get());
  while (true) {
    const auto sent = outbox_.flush(sink);
    if (!sent || *sent == Outbox::Sent::kClose) return Fate::kClosed;
    blocked_ = *sent == Outbox::Sent::kBlocked;
    if (!held_back_ || !may_take_more()) return Fate::kOpen;
    if (hand_on(on_request) == Fate::kClosed) return Fate::kClosed;
  }
}

}  // namespace weir::broker
