// Tells a run's live page what happens. Home thread: that of the run; nothing here waits, except
// end() for the pages that are open, for three seconds at most.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "weir/lab/experiments.h"
#include "weir/live/board.h"
#include "weir/live/server.h"

namespace weir::cli {

class LiveFeed final : public lab::Narrator {
 public:
  // `address`: "host:port", a port of the loopback address, or empty for any free one. kUsage when
  // it cannot be had.
  static Result<std::unique_ptr<LiveFeed>> open(const std::string& address,
                                                const live::About& about);
  const std::string& link() const { return server_->link(); }

  void experiment(const std::string& name) { experiment_ = name; }  // what comes next
  void progress(const lab::Progress& progress);
  // `report`: the path of the finished page, empty when there is none.
  void end(const run::RunResult& result, const std::string& report);

  void drained(const lab::DrainTest&) override {}
  void load_step(const run::Step& step) override;
  void scale_cell(const run::Step& cell) override;
  void scale_search(const run::CellSearch&) override {}
  void scale(const run::Scale&) override {}
  void fault(const run::Fault& fault) override;

 private:
  explicit LiveFeed(const live::About& about) : board_(about) {}

  live::Board board_;
  std::unique_ptr<live::Server> server_;  // looks at board_
  std::string experiment_;
};

// Says everything to each of several.
class Audience final : public lab::Narrator {
 public:
  explicit Audience(std::vector<lab::Narrator*> narrators) : narrators_(std::move(narrators)) {}
  void drained(const lab::DrainTest& test) override { each(&Narrator::drained, test); }
  void load_step(const run::Step& step) override { each(&Narrator::load_step, step); }
  void scale_cell(const run::Step& cell) override { each(&Narrator::scale_cell, cell); }
  void scale_search(const run::CellSearch& search) override {
    each(&Narrator::scale_search, search);
  }
  void scale(const run::Scale& scale) override { each(&Narrator::scale, scale); }
  void fault(const run::Fault& fault) override { each(&Narrator::fault, fault); }

 private:
  template <class T>
  void each(void (lab::Narrator::*say)(const T&), const T& what) {
    for (auto* narrator : narrators_) (narrator->*say)(what);
  }
  std::vector<lab::Narrator*> narrators_;
};

}  // namespace weir::cli
