// When faults must not go on: conditions of a plan's faults.stop_if, checked before each fault and
// every second while one lasts.
#pragma once
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "weir/base/result.h"
#include "weir/kafka/client.h"

namespace weir::lab {

// "disk_free_gb < 5": of the run's folder, 10^9 bytes. "under_replicated > 0": partitions with
// fewer replicas in sync than they have. "command:CMD": ends with 0, run by sh.
struct StopCondition {
  std::string text, figure, relation, command;  // command: or else the three others
  double bound = 0;
};
Result<std::vector<StopCondition>> read_stop_conditions(const std::vector<std::string>& texts);

// Home thread: one; reason() may be asked for from any.
class StopConditions {
 public:
  // `disk_path` lies on the disk that disk_free_gb means.
  StopConditions(std::vector<StopCondition> conditions, std::string disk_path,
                 kafka::ClientConfig client);
  ~StopConditions();

  // The first condition that holds, with what was measured, or that cannot be told; empty: none.
  // Takes as long as asking does, up to some seconds.
  std::string check_now() const;
  // From now on checks every second on a thread of its own. There, what cannot be told does not
  // stop: the fault itself may be why.
  void watch();
  // The first condition that held since watch(); empty so far.
  std::string reason() const;

 private:
  Result<std::string> holds(const StopCondition& condition) const;

  std::vector<StopCondition> conditions_;
  std::string disk_path_;
  kafka::ClientConfig client_;
  mutable std::mutex mutex_;  // guards reason_ and stop_
  std::condition_variable wake_;
  std::string reason_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace weir::lab
