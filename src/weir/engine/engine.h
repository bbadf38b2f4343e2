// The micro-batch engine: one query, one batch at a time.
//
// A batch: the trigger fires; the topic's ends are asked; workers read, parse and add up to these
// ends while offsets/N is written; then the result goes to the output topic; when it is
// acknowledged weir/output/N and commits/N are written and the batch's line goes to batches.csv.
// Each file is synced. Before each of them the engine makes sure that it still owns the checkpoint.
//
// run() belongs to one thread. A lost broker is waited for; an output record given up begins a new
// attempt inside the process. Ages in a receipt count from the moment reading to the ends began,
// when every event of the batch was in the topic already.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "weir/base/result.h"
#include "weir/engine/batch_row.h"
#include "weir/engine/batch_table.h"
#include "weir/engine/session.h"

namespace weir::engine {

// A committed batch, for those who watch.
struct BatchReport {
  BatchRow row;
  Positions starts, ends,
      latest;  // of the input; latest: the topic's ends after the commit, if known
};

struct Watchers {
  std::function<void(const BatchReport&)> batch;  // after each commit
  std::function<void(const std::string&)> note;   // one line about trouble or its end
};

class Engine {
 public:
  // References outlive it. `stop` is asked often, from the thread of run().
  Engine(EngineOptions options, Connections connections, Disk& disk, Clock& clock,
         std::function<bool()> stop, Watchers watchers, Hook hook);

  // Runs until stop says so. kFenced when a newer engine took the checkpoint over.
  Status run();

 private:
  struct Cost;
  Status run_session(Session& session);
  Result<Positions> plan_ends(Session& session);
  Status run_batch(Session& session, checkpoint::Plan plan, Nanos fired, bool planned_before);
  Status write_plan(Session& session, const checkpoint::Plan& plan, BatchRow& row);
  Status write_result(Session& session, const checkpoint::Plan& plan, Nanos reference,
                      BatchRow& row);
  Result<Tally> read_and_send_receipt(Session& session, const checkpoint::Plan& plan,
                                      Nanos reference, BatchRow& row);
  Result<Tally> read_and_forward(Session& session, BatchRow& row);
  Status wait_for_acks(Session& session);
  Status commit(Session& session, const checkpoint::Plan& plan, BatchRow& row);
  Status report(Session& session, const checkpoint::Plan& plan, BatchRow& row);
  Status at(Point point, int64_t batch) { return hook_ ? hook_(point, batch) : Status{}; }
  void wait_until(Nanos instant);
  void note(const std::string& text) const;

  const EngineOptions options_;
  const Connections connections_;
  Disk& disk_;
  Clock& clock_;
  const std::function<bool()> stop_;
  const Watchers watchers_;
  const Hook hook_;
  std::unique_ptr<MalformedLog> malformed_;
  std::optional<BatchTable> table_;
  std::optional<Positions> fresh_ends_;  // asked after the latest commit
  int64_t committed_ = 0;                // batches, in this process
};

}  // namespace weir::engine
