// Faults of what processes keep: disk:full of the broker's data, checkpoint:lose of the engine's.
#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "weir/lab/fault_actions.h"

namespace weir::lab {
namespace fs = std::filesystem;
namespace {

// A broker under load writes all the time; one that has written nothing for so long cannot.
constexpr Nanos kNothingWritten = nanos_from_millis(500);

// Of all files below a folder; those that go meanwhile count as nothing.
uintmax_t bytes_below(const std::string& folder) {
  uintmax_t total = 0;
  std::error_code error;
  for (auto at = fs::recursive_directory_iterator(folder, error);
       !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    std::error_code gone;
    const uintmax_t size = at->is_regular_file(gone) ? at->file_size(gone) : 0;
    if (!gone) total += size;
  }
  return total;
}

// The broker's limit of a file's size is set to nothing, so that each of its writes fails as on a
// full disk, with EFBIG in place of ENOSPC. Unlike a file that fills the disk it needs no right to
// mount and no room, and hits nobody else; it is the process's own and ends with it.
class FullDisk : public FaultAction {
 public:
  explicit FullDisk(const FaultSpec& spec) : spec_(spec) {}

  Status prepare(const FaultTargets& targets, Nanos now) override {
    if (!first_) first_ = Reading{now, bytes_below(targets.broker.data_folder())};
    return {};
  }

  Status begin(const FaultTargets& targets, Nanos now) override {
    Child* broker = targets.broker.process();
    if (broker == nullptr)
      return fail(Code::kFailed, "disk:full has no broker to hit",
                  "the broker is not a process of this run",
                  "name a fault of your own: docs/faults.md");
    hit_ = broker->id();
    begun_ = {now, bytes_below(targets.broker.data_folder())};
    if (!first_) first_ = begun_;
    rlimit full{};
    if (prlimit(hit_.pid, RLIMIT_FSIZE, nullptr, &before_) != 0) return refused();
    full = {0, before_.rlim_max};
    if (prlimit(hit_.pid, RLIMIT_FSIZE, &full, nullptr) != 0) return refused();
    return {};
  }

  Result<std::optional<std::string>> effect(const FaultTargets& targets, Nanos now) override {
    if (const auto status = targets.broker.process()->poll())
      return fmt::format("the broker ended with status {} {:.0f} ms after its disk was full",
                         *status, double((now - begun_.at).value) / 1e6);
    if (now < next_look_) return std::nullopt;
    next_look_ = now + nanos_from_millis(50);
    const uintmax_t bytes = bytes_below(targets.broker.data_folder());
    if (bytes > begun_.bytes) begun_ = {now, bytes};  // written before the limit was there
    if (now - begun_.at < kNothingWritten) return std::nullopt;
    const double span = (begun_.at - first_->at).seconds();
    const double before = span <= 0 ? 0 : double(begun_.bytes - first_->bytes) / span;
    if (before <= 0)
      return fail(Code::kFailed, "the broker wrote nothing before its disk was full either");
    return fmt::format("the broker's files grew by 0 bytes in {:.0f} ms, by {:.0f} kB/s before",
                       double(kNothingWritten.value) / 1e6, before / 1e3);
  }

  // A broker that gives up is missed at once; of one that refuses writes nobody is told.
  std::optional<bool> noticed(const FaultTargets& targets) override {
    if (targets.broker.process()->poll()) return true;
    return std::nullopt;
  }

  Nanos mend_at(const FaultTimes& times) const override { return *times.injected + spec_.pause; }

  // Room again. A log that could not be written stays closed, with Kafka and with weir's own
  // broker: whoever cleans up the disk starts the broker anew.
  Status mend(const FaultTargets& targets) override {
    make_room();
    if (!targets.broker.process()->poll()) targets.broker.process()->signal(SIGKILL);
    return {};
  }

  Result<std::optional<bool>> mended(const FaultTargets& targets, Nanos) override {
    if (!restarted_) {
      if (!targets.broker.process()->poll()) return false;
      WEIR_TRY(targets.broker.restart());
      restarted_ = true;
    }
    return WEIR_TRY(targets.broker.ready());
  }

  Result<bool> undone(const FaultTargets&, const FaultTimes&) override { return true; }

  bool give_up(const FaultTargets&) override {
    make_room();
    return false;
  }

 private:
  struct Reading {
    Nanos at;
    uintmax_t bytes = 0;
  };

  tl::unexpected<Error> refused() const {
    return fail(Code::kFailed,
                fmt::format("cannot limit the files of the broker, pid {}", hit_.pid),
                std::strerror(errno), "run weir as the user who runs the broker");
  }
  void make_room() const {
    if (identify(hit_.pid) == hit_) prlimit(hit_.pid, RLIMIT_FSIZE, &before_, nullptr);
  }

  FaultSpec spec_;
  ProcessId hit_;
  rlimit before_{};
  std::optional<Reading> first_;  // before the fault
  Reading begun_;                 // when its files grew for the last time
  Nanos next_look_;
  bool restarted_ = false;
};

// SIGKILL to the engine; its checkpoint is taken away before it is started again.
class LostCheckpoint : public FaultAction {
 public:
  explicit LostCheckpoint(const FaultSpec& spec) : spec_(spec) {}

  Status begin(const FaultTargets& targets, Nanos) override {
    Child* engine = targets.engine.process();
    if (engine == nullptr)
      return fail(Code::kFailed, "checkpoint:lose has no engine to hit",
                  "the engine is not a process of this run",
                  "name a fault of your own: docs/faults.md");
    engine->signal(SIGKILL);
    return {};
  }

  // Gone for good is only what nobody can write any more.
  Result<std::optional<std::string>> effect(const FaultTargets& targets, Nanos) override {
    Child* engine = targets.engine.process();
    if (!engine->poll()) return std::nullopt;
    return fmt::format("pid {} gone, then {}", engine->id().pid,
                       WEIR_TRY(targets.engine.lose_checkpoint()));
  }

  std::optional<bool> noticed(const FaultTargets&) override { return true; }
  Nanos mend_at(const FaultTimes& times) const override {
    return *times.noticed + spec_.restart_delay;
  }
  Status mend(const FaultTargets& targets) override { return targets.engine.restart(); }
  Result<std::optional<bool>> mended(const FaultTargets& targets, Nanos) override {
    return WEIR_TRY(targets.engine.ready(targets.observer));
  }
  Result<bool> undone(const FaultTargets&, const FaultTimes&) override { return true; }
  std::optional<int> exit_status(const FaultTargets&) override { return 128 + SIGKILL; }
  bool give_up(const FaultTargets&) override { return false; }

 private:
  FaultSpec spec_;
};

}  // namespace

std::unique_ptr<FaultAction> make_full_disk(const FaultSpec& spec) {
  return std::make_unique<FullDisk>(spec);
}

std::unique_ptr<FaultAction> make_lost_checkpoint(const FaultSpec& spec) {
  return std::make_unique<LostCheckpoint>(spec);
}

}  // namespace weir::lab
