#include "weir/lab/preflight.h"

#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <filesystem>

#include "weir/base/duration.h"
#include "weir/kafka/secrets.h"
#include "weir/lab/pipeline.h"

namespace weir::lab {
namespace {

double clock_cost_nanos() {
  SystemClock clock(Anchor::take());
  constexpr int kReads = 10'000;
  const Nanos begin = clock.now();
  for (int i = 0; i < kReads; ++i) [[maybe_unused]] volatile int64_t now = clock.now().value;
  return double((clock.now() - begin).value) / kReads;
}

std::string with_commas(uint64_t number) {
  std::string text = std::to_string(number);
  for (int at = int(text.size()) - 3; at > 0; at -= 3) text.insert(size_t(at), ",");
  return text;
}

}  // namespace

Result<Preflight> preflight(const Plan& plan, bool quick, const std::string& folder) {
  Preflight found;
  struct statfs space {};
  if (statfs(folder.c_str(), &space) != 0)
    return tl::unexpected(error_from_errno(errno, "look at the disk of", folder));
  const double free_bytes = double(space.f_bavail) * double(space.f_bsize);
  const double needed = planned_bytes(plan, quick);
  // What somebody's cluster writes does not come here (foreign_broker.h looks there).
  const bool here = plan.broker == "embedded" || plan.broker == "apache";
  if (here && needed > kDiskShareMax * free_bytes)
    return fail(
        Code::kUsage, fmt::format("the disk of {} is too small for this plan", folder),
        fmt::format("a step may write {:.1f} GB and {:.1f} GB are free; weir uses at most 70%",
                    needed / 1e9, free_bytes / 1e9),
        "free some space, choose --out on another disk, or shorten load.step");
  if (space.f_type == TMPFS_MAGIC) {
    found.durable = false;
    found.warnings.push_back({"W003", "disk",
                              folder + " is in memory (tmpfs): a flush costs nothing",
                              "choose --out on a real disk for a durable result"});
  }
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_cur < 1024)
    found.warnings.push_back({"W004", "open files",
                              fmt::format("only {} may be open", files.rlim_cur),
                              "raise the limit: ulimit -n 65536"});
  found.text = fmt::format("{} cores, clock {:.0f} ns, {} files, {:.0f} GB free",
                           sysconf(_SC_NPROCESSORS_ONLN), clock_cost_nanos(),
                           with_commas(files.rlim_cur), free_bytes / 1e9);
  return found;
}

run::Target describe_target(const Plan& plan, const BrokerHost& broker, const EngineHost& engine) {
  run::Target target;
  target.broker = plan.broker;
  target.engine = plan.engine;
  target.workload = plan.workload;
  target.guarantee = engine.guarantee(plan.workload);
  target.durable = broker.durable();
  target.versions = {{"broker", broker.description()}, {"engine", engine.description()}};
  target.settings = {{"acks", "all"},
                     {"flush", "before every acknowledgement"},
                     {"partitions", std::to_string(plan.partitions)},
                     {"parallelism", std::to_string(plan.parallelism)},
                     {"trigger", duration_text(plan.trigger)}};
  if (!plan.target_cores.empty()) target.settings["cores"] = plan.target_cores;
  if (plan.cpu_us > 0) target.settings["cpu_us"] = fmt::format("{}", plan.cpu_us);
  if (plan.wait_us > 0) target.settings["wait_us"] = fmt::format("{}", plan.wait_us);
  // A long value is a certificate.
  constexpr size_t kShown = 200;
  if (plan.broker != "embedded")
    for (const auto& [key, value] : kafka::without_secrets(broker.client().properties))
      if (value.size() <= kShown) target.settings["client." + key] = value;
  return target;
}

bool rests_on_valid_steps(const run::RunResult& result) {
  if (!result.load || result.load->steps.empty()) return true;
  for (const auto& step : result.load->steps)
    if (step.verdict != "invalid") return true;
  return false;
}

}  // namespace weir::lab
