#include "weir/log/keeper.h"

#include <utility>

namespace weir::log {

Keeper::Keeper(Work work, std::chrono::nanoseconds retention_every)
    : work_(std::move(work)), retention_every_(retention_every), thread_([this] { run(); }) {}

void Keeper::want_checkpoint(std::shared_ptr<Partition> partition) {
  {
    std::lock_guard lock(mutex_);
    checkpoints_.push_back(std::move(partition));
  }
  wake_.notify_one();
}

void Keeper::want_unlink(std::string path) {
  {
    std::lock_guard lock(mutex_);
    unlinks_.push_back(std::move(path));
  }
  wake_.notify_one();
}

void Keeper::run() {
  auto next_retention = std::chrono::steady_clock::now() + retention_every_;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (checkpoints_.empty() && unlinks_.empty()) {
      wake_.wait_until(lock, next_retention);
      if (stopping_) return;
    }
    auto checkpoints = std::exchange(checkpoints_, {});
    auto unlinks = std::exchange(unlinks_, {});
    lock.unlock();
    if (!checkpoints.empty()) work_.checkpoint(std::move(checkpoints));
    for (const std::string& path : unlinks) work_.unlink(path);
    if (std::chrono::steady_clock::now() >= next_retention) {
      work_.retention();
      next_retention = std::chrono::steady_clock::now() + retention_every_;
    }
    lock.lock();
  }
}

void Keeper::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

}  // namespace weir::log
