// weir check: what a plan needs, looked at before anything is measured; each line ok, note or stop.
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "apps/weir/checklist.h"
#include "apps/weir/cli.h"
#include "apps/weir/plan_flags.h"
#include "weir/lab/ceilings.h"
#include "weir/lab/experiments.h"
#include "weir/lab/preflight.h"
#include "weir/setup/java.h"
#include "weir/setup/software.h"
#include "weir/sys/clock.h"

namespace weir::cli {
namespace {

constexpr double kGigabyte = 1e9;
constexpr rlim_t kFilesWanted = 1024;

void check_machine(Checklist& list) {
  const long cores = sysconf(_SC_NPROCESSORS_ONLN);
  if (cores >= 2)
    list.ok("cores", fmt::format("{}", cores));
  else
    list.note("cores", "1: broker, engine and generator share it",
              "measure on a machine with two or more");
  std::ifstream source("/sys/devices/system/clocksource/clocksource0/current_clocksource");
  std::string clock = "not known";
  source >> clock;
  if (clock == "hpet" || clock == "acpi_pm" || clock == "jiffies")
    list.note("clock", clock + ": reading it is slow",
              "choose tsc, where this machine has it (kernel parameter clocksource=tsc)");
  else
    list.ok("clock", clock);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_max < kFilesWanted)
    list.note("files", fmt::format("only {} may be open", files.rlim_max), "ulimit -n 65536");
  else
    list.ok("files", fmt::format("{} may be open", files.rlim_max));
}

void check_disk(Checklist& list, const lab::Plan& plan, bool quick) {
  struct statfs space {};
  if (statfs(".", &space) != 0) {
    list.stop("disk", error_from_errno(errno, "look at the disk of", "this folder"));
    return;
  }
  const double free = double(space.f_bavail) * double(space.f_bsize);
  const double needed = plan.broker == "embedded" || plan.broker == "apache"
                            ? lab::planned_bytes(plan, quick)
                            : 0;  // the data lies with the cluster
  const std::string text = fmt::format("{:.1f} GB free here, a step writes at most {:.1f} GB",
                                       free / kGigabyte, needed / kGigabyte);
  if (needed > lab::kDiskShareMax * free)
    list.stop("disk", text, "free some space, choose --out on another disk, or shorten load.step");
  else if (space.f_type == TMPFS_MAGIC)
    list.note("disk", text + "; in memory (tmpfs): a flush costs nothing",
              "choose --out on a real disk");
  else
    list.ok("disk", text);
}

// What earlier runs found that weir itself can do here.
void check_ceilings(Checklist& list, const lab::Plan& plan) {
  const Nanos now = SystemClock(Anchor::take()).now();
  const auto known = lab::cached_ceilings(plan, own_program(), now);
  if (!known)
    return list.ok("ceilings", "not measured yet for this load: the next run does, in about 2 s");
  const auto rate = [](const run::Figure& eps) {
    return eps ? fmt::format("{:.0f} ev/s", *eps) : std::string("not measured");
  };
  list.ok("ceilings",
          fmt::format("generator {}, observer {}; measured {}", rate(known->generator_eps),
                      rate(known->observer_eps), known->measured));
}

void check_java(Checklist& list, int minimum) {
  if (const auto java = setup::find_java(minimum); !java)
    list.stop("java", java.error());
  else
    list.ok("java", fmt::format("{}, {}", java->version, java->path));
}

void check_broker(Checklist& list, const ResolvedPlan& resolved) {
  if (resolved.plan.broker == "embedded") {
    list.ok("brokers", "weir brings its own");
  } else if (resolved.plan.broker == "apache") {
    check_java(list, setup::kJavaOfKafka);
    if (const auto kafka = setup::kafka_home(); !kafka)
      list.stop("kafka", kafka.error());
    else
      list.ok("kafka", fmt::format("Apache Kafka {}, {}", kafka->version, kafka->home));
  } else {
    check_cluster(list, resolved.reach, int32_t(resolved.plan.replication));
  }
}

void check_engine(Checklist& list, const lab::Plan& plan) {
  if (plan.engine == "native") {
    list.ok("engine", "weir stream");
  } else if (plan.engine == "external") {
    list.ok("engine", "yours: " + plan.start);
  } else if (plan.engine == "spark" && !plan.connect.empty()) {
    check_connect(list, plan.connect);
  } else {
    check_java(list, setup::kJavaOfSpark);
    if (const auto spark = setup::spark_home(); !spark)
      list.stop("spark", spark.error());
    else
      list.ok("spark", fmt::format("Apache Spark {}, {}", spark->version, spark->home));
  }
}

int check(const ResolvedPlan& resolved, const PlanFlags& flags) {
  Checklist list;
  const auto budget = lab::share_budget(resolved.plan, flags.quick).total();
  list.ok("plan", fmt::format("{}, {}, at most {:.0f} minutes",
                              flags.plan_file.empty() ? "the defaults" : flags.plan_file,
                              flags.experiment, budget.seconds() / 60));
  check_machine(list);
  check_disk(list, resolved.plan, flags.quick);
  check_ceilings(list, resolved.plan);
  check_broker(list, resolved);
  check_engine(list, resolved.plan);
  std::fflush(stdout);
  if (list.stops() > 0) {
    std::printf("%d of these stop a run\n", list.stops());
    std::fprintf(stderr, "weir: the plan cannot be run here as it is\n");
    return kUsage;
  }
  std::puts("ready");
  return kMet;
}

}  // namespace

int check_command(Arguments arguments) {
  PlanFlags flags;
  CLI::App app("Looks at everything that a plan needs, and says what to do about what is missing.",
               "weir check");
  add_plan_flags(app, flags);
  app.footer(
      "On a cluster it creates and deletes one topic of its own, weir-check-*, and compares clocks "
      "by it.\n"
      "Exit 0: nothing stops a run. 2: something does.\n"
      "examples:\n"
      "  weir check\n"
      "  weir check weir.toml -b localhost:9092 --engine spark\n"
      "  weir check weir.toml && weir run all weir.toml --json - | jq .exit");
  if (auto done = parse(app, std::move(arguments))) return *done;
  if (auto sorted = sort_positionals(flags); !sorted) return report(sorted.error());
  const auto resolved = resolve_plan(flags);
  if (!resolved) return report(resolved.error());
  return check(*resolved, flags);
}

}  // namespace weir::cli
