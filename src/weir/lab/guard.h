// The guard: a process of its own session that outlives weir run, leaves no child behind and undoes
// what must be undone.
//
// weir run writes lines to its stdin:
//   track PID START_TICKS     a process it started;   untrack PID START_TICKS    it has ended
//   open ID MAX_MS            entry ID stands in the journal; undo it after MAX_MS (0: at the end)
//   undo ID                   undo it now;            settled ID                 nothing to undo
// and reads from its stdout: "undone ID" or "failed ID REASON" (on one line). When its stdin
// closes, however weir run died, the guard kills every group still recorded whose leader or any
// member it can still prove (SIGCONT, SIGKILL), and then undoes what the journal says is open.
// Killing comes first: it is instant, and ends the load that would work against the undoing.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/lab/undo.h"
#include "weir/sys/process.h"

namespace weir::lab {

// weir run's end of it. Home thread: one.
class Guard {
 public:
  // Starts `program guard`, and makes this process the reaper of orphaned descendants. `journal` is
  // the file for what must be undone, made when the first entry is; without it journal() fails.
  static Result<Guard> start(const std::string& program, const std::string& journal = {});
  Guard(Guard&&) = default;
  Guard& operator=(Guard&&) = delete;
  ~Guard();  // finish()

  Status track(const ProcessId& process);
  Status untrack(const ProcessId& process);
  const ProcessId& id() const { return child_.id(); }

  // Puts an undo into the journal, synced, and tells the guard; its number. To be called before
  // what it undoes is begun, which must not begin when this fails.
  Result<int64_t> journal(const Undo& undo);
  // Nothing is left to undo: it was taken back otherwise, or never begun.
  Status settle(int64_t id);
  // Asks the guard to run it; outcome() tells when it has. The guard does so unasked after max_s.
  Status undo(int64_t id);
  // Empty while it is open; success; or why it could not be undone, in three tries. Then it stays
  // in the journal for `weir undo`.
  std::optional<Status> outcome(int64_t id);
  // Has everything undone that is open and waits for it; what could not be, with the reasons. Does
  // it itself where the guard is no more.
  std::vector<UndoEntry> finish();

 private:
  struct Open {
    std::string what;
    bool asked = false;
    std::optional<Status> outcome;
  };
  Guard(Child child, std::string journal) : child_(std::move(child)), path_(std::move(journal)) {}
  Status write_line(const std::string& line);
  void listen();

  Child child_;
  std::string path_, heard_;
  std::optional<UndoJournal> journal_;
  std::map<int64_t, Open> entries_;  // of this run, by number; settled ones are gone
  int64_t next_ = 1;
  bool deaf_ = false;  // the guard has ended
};

// The guard process itself: reads lines from `input` until it ends, answers on `output`, then kills
// what is recorded and undoes what is open in `journal` (may be empty). Returns the exit code: 1
// when something could not be undone.
int run_guard(int input, int output, const std::string& journal);

}  // namespace weir::lab
