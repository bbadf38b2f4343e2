#include "weir/log/flush_queue.h"

namespace weir::log {

FlushQueue::FlushQueue(int threads) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

void FlushQueue::push(std::shared_ptr<Flushable> item) {
  {
    std::lock_guard lock(mutex_);
    queue_.push_back(std::move(item));
  }
  wake_.notify_one();
}

void FlushQueue::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    auto item = std::move(queue_.front());
    queue_.pop_front();
    ++busy_;
    lock.unlock();
    const bool again = item->flush();
    lock.lock();
    --busy_;
    if (again) {
      queue_.push_back(std::move(item));
      wake_.notify_one();
    } else {
      // Its destructor may be the partition's last; not under our lock.
      lock.unlock();
      item.reset();
      lock.lock();
    }
    if (queue_.empty() && busy_ == 0) idle_.notify_all();
  }
}

void FlushQueue::drain() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [&] { return (queue_.empty() && busy_ == 0) || stopping_; });
}

void FlushQueue::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  idle_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  queue_.clear();
}

void WriteGate::close(Error reason) {
  std::lock_guard lock(mutex_);
  if (!reason_) reason_ = std::move(reason);
  open_.store(false, std::memory_order_release);
}

std::optional<Error> WriteGate::reason() const {
  std::lock_guard lock(mutex_);
  return reason_;
}

}  // namespace weir::log
