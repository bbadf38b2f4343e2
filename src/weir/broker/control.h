// The control thread: home of what is rare and may wait for the disk - topic changes, consumer
// groups, producer ids - so that no reactor ever does.
//
// Work runs in the order it was posted. What all work of one turn leaves behind (offset commits) is
// settled once at the turn's end. The queue is bounded by what connections may have unanswered.
#pragma once
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "weir/base/types.h"
#include "weir/sys/clock.h"

namespace weir::broker {

class Control {
 public:
  using Work = std::function<void()>;
  // Called after the work of each turn; says when to be called again without work.
  using OnTurn = std::function<std::optional<Nanos>(Nanos now)>;

  explicit Control(Clock& clock) : clock_(clock) {}
  ~Control() { stop(); }

  void start(OnTurn on_turn);
  // Ends the thread; posted work that has not begun is dropped.
  void stop();
  void post(Work work);  // any thread

 private:
  void run();

  Clock& clock_;
  OnTurn on_turn_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable woken_;
  std::vector<Work> posted_;  // guarded by mutex_
  bool stopping_ = false;     // guarded by mutex_
};

}  // namespace weir::broker
