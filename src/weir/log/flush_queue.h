// The threads that flush: each takes the partition that waits longest and lets it flush once.
//
// Threads: push() from any thread. run_threads' threads call Flushable::flush() with no lock held.
#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "weir/base/result.h"

namespace weir::log {

class Flushable {
 public:
  virtual ~Flushable() = default;
  // Makes the oldest pending bytes durable. True when more are pending: it is queued again.
  virtual bool flush() = 0;
};

class FlushQueue {
 public:
  explicit FlushQueue(int threads);
  ~FlushQueue() { stop(); }

  void push(std::shared_ptr<Flushable> item);
  // Waits until nothing is queued or being flushed.
  void drain();
  // Ends the threads after what they are at; what is queued stays unflushed.
  void stop();

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable wake_, idle_;
  std::deque<std::shared_ptr<Flushable>> queue_;  // guarded by mutex_, like the next two
  int busy_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

// Whether the store still takes writes; the first failure stays. Thread safe.
class WriteGate {
 public:
  bool open() const { return open_.load(std::memory_order_acquire); }
  // Closes it; keeps the first reason.
  void close(Error reason);
  std::optional<Error> reason() const;

 private:
  std::atomic<bool> open_{true};
  mutable std::mutex mutex_;
  std::optional<Error> reason_;  // guarded by mutex_
};

}  // namespace weir::log
