// What a run says on the terminal: one permanent line per step, and one line that is redrawn.
//
// Permanent lines go to stdout (to stderr when stdout is for --json -); the redrawn line goes to
// stderr and only to a terminal, never with CI set or TERM=dumb. NO_COLOR is honoured. Home thread:
// one.
#pragma once
#include <string>

#include "weir/lab/experiments.h"
#include "weir/sys/clock.h"

namespace weir::cli {

class Storyboard final : public lab::Narrator {
 public:
  struct Options {
    bool quiet = false;  // no permanent lines but the final ones
    bool results_to_stderr = false;
  };
  Storyboard(const Options& options, const Clock& clock);

  // A line of the preamble: "check", what, and "ok", "note" or "stop".
  void preamble(const std::string& name, const std::string& text, const std::string& status);
  void section(const std::string& name);  // LOAD, SCALE, FAULT
  void line(const std::string& text);     // as it is
  void progress(const lab::Progress& progress);

  void drained(const lab::DrainTest& test) override;
  void load_step(const run::Step& step) override;
  void scale_cell(const run::Step& cell) override;
  void scale(const run::Scale& scale) override;
  void fault(const run::Fault& fault) override;

 private:
  std::string stamp() const;  // " 0:14", since the start
  std::string painted(const char* code, const std::string& text) const;
  void print(const std::string& text);
  void erase();

  Options options_;
  const Clock& clock_;
  Nanos begin_;
  bool redraw_ = false, color_ = false, drawn_ = false, load_head_ = false;
};

// "412.3 k", "1.20 M", "950": events per second for tables.
std::string rate_cell(double events_per_second);

}  // namespace weir::cli
