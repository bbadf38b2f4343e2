// The thread that does what must not delay a flush: checkpoints, retention, unlinking.
//
// Threads: every function from any thread; the callbacks run on the keeper's thread.
#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace weir::log {

class Partition;

class Keeper {
 public:
  struct Work {
    std::function<void(std::vector<std::shared_ptr<Partition>>)> checkpoint;
    std::function<void()> retention;
    std::function<void(const std::string& path)> unlink;
  };
  Keeper(Work work, std::chrono::nanoseconds retention_every);
  ~Keeper() { stop(); }

  void want_checkpoint(std::shared_ptr<Partition> partition);
  void want_unlink(std::string path);
  // Ends the thread after what it is at; what is still wanted is dropped.
  void stop();

 private:
  void run();

  const Work work_;
  const std::chrono::nanoseconds retention_every_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::shared_ptr<Partition>> checkpoints_;  // guarded by mutex_, like the next two
  std::vector<std::string> unlinks_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace weir::log
