#include "weir/broker/control.h"

#include <algorithm>
#include <chrono>

namespace weir::broker {

void Control::start(OnTurn on_turn) {
  on_turn_ = std::move(on_turn);
  thread_ = std::thread([this] { run(); });
}

void Control::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Control::post(Work work) {
  {
    std::lock_guard lock(mutex_);
    posted_.push_back(std::move(work));
  }
  woken_.notify_one();
}

void Control::run() {
  std::vector<Work> work;
  while (true) {
    const auto due = on_turn_(clock_.now());
    {
      std::unique_lock lock(mutex_);
      const auto ready = [&] { return stopping_ || !posted_.empty(); };
      if (due) {
        const int64_t wait = std::max<int64_t>(0, (*due - clock_.now()).value);
        woken_.wait_for(lock, std::chrono::nanoseconds(wait), ready);
      } else {
        woken_.wait(lock, ready);
      }
      if (stopping_) return;
      work.swap(posted_);
    }
    for (auto& each : work) each();
    work.clear();
  }
}

}  // namespace weir::broker
