#include "weir/sys/poller.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

namespace weir {
namespace {
constexpr uint64_t kWakeTag = UINT64_MAX;
constexpr size_t kEventsPerWait = 256;
}  // namespace

Result<Poller> Poller::open() {
  Poller poller;
  poller.epoll_ = Fd(epoll_create1(EPOLL_CLOEXEC));
  if (!poller.epoll_) return tl::unexpected(error_from_errno(errno, "create", "an epoll"));
  poller.wake_ = Fd(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!poller.wake_) return tl::unexpected(error_from_errno(errno, "create", "an eventfd"));
  WEIR_TRY(poller.add(poller.wake_, Interest{}, kWakeTag));
  return poller;
}

Status Poller::control(int operation, const Fd& fd, Interest interest, uint64_t tag) {
  epoll_event event{};
  event.events =
      (interest.readable ? uint32_t(EPOLLIN) : 0) | (interest.writable ? uint32_t(EPOLLOUT) : 0);
  event.data.u64 = tag;
  if (epoll_ctl(epoll_.get(), operation, fd.get(), &event) != 0)
    return tl::unexpected(error_from_errno(errno, "watch", "a socket"));
  return {};
}

Status Poller::add(const Fd& fd, Interest interest, uint64_t tag) {
  return control(EPOLL_CTL_ADD, fd, interest, tag);
}
Status Poller::change(const Fd& fd, Interest interest, uint64_t tag) {
  return control(EPOLL_CTL_MOD, fd, interest, tag);
}
void Poller::forget(const Fd& fd) { epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd.get(), nullptr); }

std::span<const Poller::Event> Poller::wait(Nanos limit) {
  events_.clear();
  const int64_t ms = limit.value < 0 ? -1 : (limit.value + 999'999) / 1'000'000;
  std::array<epoll_event, kEventsPerWait> found;
  const int n = epoll_wait(epoll_.get(), found.data(), int(found.size()),
                           int(std::min<int64_t>(ms, INT_MAX)));
  for (int i = 0; i < n; ++i) {
    if (found[size_t(i)].data.u64 == kWakeTag) {
      uint64_t count;
      [[maybe_unused]] const auto read = ::read(wake_.get(), &count, sizeof count);
      continue;
    }
    const uint32_t bits = found[size_t(i)].events;
    const bool broken = bits & (EPOLLERR | EPOLLHUP);
    events_.push_back({found[size_t(i)].data.u64, broken || (bits & EPOLLIN),
                       broken || (bits & EPOLLOUT), broken});
  }
  return events_;
}

void Poller::wake() const {
  const uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
}

}  // namespace weir
