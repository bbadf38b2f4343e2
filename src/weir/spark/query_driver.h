// Keeps one streaming query going on a Connect server and hands on every progress record it makes.
//
// A thread of its own makes all calls, each with a time limit; so a server that dies, stops or
// hangs shows in state() and holds nobody up. When a server answers again but does not know the
// query (it was restarted, or forgot the session), the same query is sent again as the next
// attempt. The other members may be called from any thread.
#pragma once
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/spark/client.h"
#include "weir/spark/progress.h"
#include "weir/sys/clock.h"

namespace weir::spark {

class QueryDriver {
 public:
  struct Options {
    std::function<StreamPlan(int64_t attempt)> plan;
    Nanos poll = nanos_from_millis(50);          // between two questions
    Nanos call_limit = nanos_from_seconds(5);    // of one question
    Nanos start_limit = nanos_from_seconds(90);  // of starting the query
    std::string
        handle_path;  // where the newest QueryHandle is kept, for a later weir; empty: nowhere
    std::optional<QueryHandle> take_over;  // go on with this query if the server knows it
  };
  // A record, when it was first read, and by which attempt. Called on the driver's thread, each
  // record once, also those of triggers that found nothing to do.
  using OnRecord = std::function<void(const std::string& json, const Progress& progress, Nanos at,
                                      int64_t attempt)>;

  enum class Phase {
    kConnecting,  // no server has answered yet
    kRunning,
    kLost,    // the server that ran it does not answer
    kFailed,  // the query ended by itself or could not be started
    kStopped,
  };
  struct State {
    Phase phase = Phase::kConnecting;
    int64_t attempt = 0;         // the newest one that Spark confirmed; 0: none yet
    Nanos confirmed;             // when that was
    bool idle = false;           // it has waited for data at least once since
    std::string version;         // Spark's
    std::optional<Error> error;  // kFailed: why; kConnecting and kLost: the last answer
  };

  QueryDriver(Options options, const Anchor& anchor, OnRecord on_record);
  ~QueryDriver();  // as stop(), without patience

  // Runs the query on the server at host:port as `attempt`; leaves the server before alone.
  void connect(const std::string& address, int64_t attempt);
  State state() const;
  // Ends the query and the thread, after the batch under way if that ends in time; returns within
  // `limit` and a second.
  void stop(Nanos limit);

 private:
  struct Target {
    std::string address;
    int64_t attempt = 1;
  };

  void run();
  void turn();
  void try_version();
  void try_start();
  void poll();
  void look_again();
  void take_records(const std::vector<std::string>& records);
  void check_status();
  void finish();
  void set_running(QueryHandle handle);
  void note(Phase phase, std::optional<Error> error);
  void lost_or_failed(const Error& error);
  bool switch_target();
  void wait(Nanos span);
  bool is_stopping() const;

  const Options options_;
  const OnRecord on_record_;
  SystemClock clock_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  State state_;                     // guarded by mutex_
  std::optional<Target> next_;      // guarded by mutex_
  bool stopping_ = false;           // guarded by mutex_
  std::shared_ptr<Client> client_;  // replaced by the thread only, under mutex_
  Nanos stop_by_;                   // guarded by mutex_

  // The thread's own.
  Target target_;
  std::optional<QueryHandle> handle_, take_over_;
  ProgressFilter filter_;
  int64_t newest_batch_ = -1;
  int polls_ = 0;
  std::thread thread_;
};

}  // namespace weir::spark
