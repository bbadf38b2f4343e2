#include "weir/lab/preflight.h"

#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <filesystem>

#include "weir/base/duration.h"
#include "weir/kafka/secrets.h"
#include "weir/lab/ledgers.h"
#include "weir/lab/pipeline.h"

namespace weir::lab {
namespace {

constexpr double kDiskShareMax = 0.7, kCeilingShareMax = 0.7;
constexpr double kRateAssumed = 1e6;  // events per second, before any was measured

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

double planned_bytes(const Plan& plan, bool quick) {
  const double bytes = double(plan.event_size) + 31;
  double rate = kRateAssumed;
  if (!plan.rates.empty()) rate = *std::max_element(plan.rates.begin(), plan.rates.end());
  const double seconds = quick ? 10 : plan.step.seconds() + 10;
  return rate * seconds * bytes * (plan.workload == "forward" ? 2 : 1);
}

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
  if (plan.cpu_us > 0) target.settings["cpu_us"] = fmt::format("{}", plan.cpu_us);
  if (plan.wait_us > 0) target.settings["wait_us"] = fmt::format("{}", plan.wait_us);
  // A long value is a certificate.
  constexpr size_t kShown = 200;
  if (plan.broker != "embedded")
    for (const auto& [key, value] : kafka::without_secrets(broker.client().properties))
      if (value.size() <= kShown) target.settings["client." + key] = value;
  return target;
}

Result<SelfTest> self_test(Lab& lab) {
  const std::string data = lab.folder.data_path() + "/self";
  std::error_code error;
  std::filesystem::create_directories(data, error);
  if (error) return tl::unexpected(error_from_errno(error.value(), "make the folder", data));
  HostContext context = lab.host;
  context.discard = true;
  const auto broker = WEIR_TRY(open_broker(context));
  PipelineOptions options;
  options.place = {"self", data, lab.host.log + "/self-", data};
  options.partitions = int32_t(lab.plan.partitions);
  auto pipeline = WEIR_TRY_IN(
      "self-test", Pipeline::open({context, *broker, lab.engine, lab.interrupted}, options));
  GeneratorOptions generator;
  generator.out = data;
  generator.rate = "max";
  generator.start = lab.clock.now();
  generator.length = nanos_from_seconds(1);
  generator.size = lab.plan.event_size;
  generator.producers = lab.plan.producers;
  generator.producer_number = lab.next_producer;
  const Nanos begin = lab.clock.now();
  WEIR_TRY_IN("self-test", pipeline->start_generator(generator));
  const auto status = pipeline->generator().wait(nanos_from_seconds(10));
  const double took = (lab.clock.now() - begin).seconds();
  if (!status || *status != 0)
    return fail(Code::kFailed, "the generator could not be measured alone",
                pipeline->log_tail("generator"));
  const uint64_t acked = count(WEIR_TRY(read_ledgers(data)), Outcome::kAcked);
  pipeline->stop();
  std::filesystem::remove_all(data, error);
  return SelfTest{double(acked) / took};
}

void warn_of_ceiling(run::RunResult& result, const SelfTest& self) {
  if (!result.load || self.ceiling_eps <= 0) return;
  for (const auto& step : result.load->steps) {
    if (step.offered_eps.value_or(0) <= kCeilingShareMax * self.ceiling_eps) continue;
    result.warnings.push_back(
        {"W001", step.label,
         fmt::format("it offers {:.0f}% of what the generator alone can send ({:.0f} ev/s)",
                     100 * *step.offered_eps / self.ceiling_eps, self.ceiling_eps),
         "give the generator cores of its own, or more producers: --set load.producers=2"});
    return;  // one warning tells it; the steps' own numbers are in the table
  }
}

bool rests_on_valid_steps(const run::RunResult& result) {
  if (!result.load || result.load->steps.empty()) return true;
  for (const auto& step : result.load->steps)
    if (step.verdict != "invalid") return true;
  return false;
}

}  // namespace weir::lab
