// What a run says on the terminal: one permanent line per step, and one line that is redrawn.
//
// Permanent lines go to stdout (to stderr when stdout is for --json -); the redrawn line goes to
// stderr and only to a terminal that can (terminal.h). Lines fit the terminal's width: columns are
// left out, sentences are folded, numbers are never cut. Home thread: one.
#pragma once
#include <string>

#include "apps/weir/terminal.h"
#include "weir/lab/experiments.h"
#include "weir/sys/clock.h"

namespace weir::cli {

class Storyboard final : public lab::Narrator {
 public:
  struct Options {
    bool quiet = false;  // no permanent lines but the final ones
    bool results_to_stderr = false;
    bool naive = false;  // below each load step what the evaluation's formulas make of it
  };
  Storyboard(const Options& options, const Clock& clock);

  // The first line: what is measured, for how long at most, and what it may write.
  struct Opening {
    std::string version;
    bool embedded = false;       // broker and engine are weir's own, on this machine
    std::string broker, engine;  // "Apache Kafka 3.9.1, one node"
    size_t experiments = 1;
    double seconds = 0, bytes = 0;
  };
  void open(const Opening& opening);
  // A line of the preamble: "check", what, and "ok", "note" or "stop"; an empty status is no word.
  void preamble(const std::string& name, const std::string& text, const std::string& status);
  void section(const std::string& name);  // LOAD, SCALE, FAULT
  void line(const std::string& text);     // folded
  // The link to the live page.
  void live(const std::string& link);
  void progress(const lab::Progress& progress);
  // Estimates that have an interval, written to as many digits as it bears.
  void estimates(const run::RunResult& result);
  // Where the report lies, and what to type next.
  void report(const std::string& path, const std::string& next);

  void drained(const lab::DrainTest& test) override;
  void load_step(const run::Step& step) override;
  void scale_cell(const run::Step& cell) override;
  void scale_search(const run::CellSearch& search) override;
  void scale(const run::Scale& scale) override;
  void fault(const run::Fault& fault) override;

 private:
  std::string stamp() const;  // " 0:14", since the start
  Terminal results() const;   // behind what permanent lines are written to
  void print(const std::string& text);
  void erase();
  void outage(const run::Sizing& sizing);

  Options options_;
  const Clock& clock_;
  Nanos begin_;
  double planned_s_ = 0;
  bool drawn_ = false, load_head_ = false;
};

// "412.3 k", "1.20 M", "950": events per second for tables.
std::string rate_cell(double events_per_second);
// "312 k (300 to 325 k)": two digits of the interval's half width are the last ones written. Only
// the estimate where there is no interval; empty where there is no estimate.
std::string estimate_text(const run::Estimate& estimate, const std::string& unit);

}  // namespace weir::cli
