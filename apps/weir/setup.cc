// weir setup: fetches the pinned Kafka and Spark that runs can be measured against.
#include <fmt/format.h>

#include "apps/weir/cli.h"
#include "weir/setup/install.h"
#include "weir/setup/java.h"
#include "weir/setup/software.h"
#include "weir/setup/tree.h"
#include "weir/sys/clock.h"

namespace weir::cli {
namespace {

using setup::Software;

struct SetupFlags {
  std::string software, bundle, from, cache;
  bool check = false, remove = false;
};

constexpr double kMegabyte = 1e6;

double seconds_since(const Clock& clock, Nanos start) { return (clock.now() - start).seconds(); }

setup::Surroundings surroundings(const SetupFlags& flags) {
  watch_interrupts();
  return {.places = setup::Places::of_environment(flags.cache),
          .cancelled = [] { return interrupted() != 0; },
          .tell = [](const std::string& text) { fmt::print(stderr, "{}\n", text); }};
}

void print_java(const setup::Places& places) {
  const auto java = setup::find_java(1, places);
  if (java)
    fmt::print("{:<13} {:<8} {:>8}  {}\n", "Java", java->version, "", java->path);
  else
    fmt::print("{:<13} {:<8} {:>8}  {}\n", "Java", "-", "", java.error().why);
}

// One line of the list.
void print_line(const Software& software, const setup::Places& places) {
  const std::string folder = setup::folder_of(software, places);
  const bool there = bool(setup::look_at_tree(folder, software.manifest_sha256));
  fmt::print("{:<13} {:<8} {:>5.0f} MB  {}\n", software.title, software.version,
             double(there ? software.prepared_bytes : software.download_bytes) / kMegabyte,
             there ? folder : "not prepared; to download: weir setup " + software.name);
}

Status list(const setup::Places& places) {
  for (const Software& software : {setup::apache_kafka(), setup::apache_spark()})
    print_line(software, places);
  print_java(places);
  return {};
}

Status check(const Software& software, const setup::Places& places) {
  const SystemClock clock(Anchor::take());
  const Nanos start = clock.now();
  const std::string folder = setup::folder_of(software, places);
  if (software.name == "kafka")
    WEIR_TRY(setup::kafka_home(places));
  else if (places.spark_home.empty())
    WEIR_TRY(setup::spark_home(places));
  WEIR_TRY(setup::verify_tree(folder, software.manifest_sha256));
  const auto java = WEIR_TRY(setup::find_java(software.java_minimum, places));
  fmt::print("{} {}: whole, {:.0f} MB in {}, every checksum right ({:.1f} s); Java {} at {}\n",
             software.title, software.version, double(setup::bytes_under(folder)) / kMegabyte,
             folder, seconds_since(clock, start), java.version, java.path);
  return {};
}

Status run(const Software& software, const SetupFlags& flags) {
  const setup::Surroundings around = surroundings(flags);
  const SystemClock clock(Anchor::take());
  const Nanos start = clock.now();
  const std::string title = software.title + " " + software.version;
  const std::string folder = setup::folder_of(software, around.places);
  if (flags.remove) {
    const bool was = WEIR_TRY(setup::remove(software, around));
    if (was)
      fmt::print("removed {} from {}\n", title, folder);
    else
      fmt::print("{} was not there: no {}\n", title, folder);
    return {};
  }
  if (flags.check) return check(software, around.places);
  const bool worked = flags.from.empty()
                          ? WEIR_TRY(setup::prepare(software, around))
                          : WEIR_TRY(setup::prepare_from(flags.from, software, around));
  if (!flags.bundle.empty()) {
    WEIR_TRY(setup::write_bundle(flags.bundle, software, around));
    fmt::print("{}: bundled into {} ({:.1f} s); elsewhere: weir setup {} --from it\n", title,
               flags.bundle, seconds_since(clock, start), software.name);
    return {};
  }
  fmt::print("{}: {}, {:.0f} MB in {} ({:.1f} s)\n", title,
             worked ? "prepared" : "already prepared",
             double(setup::bytes_under(folder)) / kMegabyte, folder, seconds_since(clock, start));
  if (const auto java = setup::find_java(software.java_minimum, around.places); !java)
    fmt::print(stderr, "to run it: {}\n", to_text(java.error()));
  return {};
}

Status dispatch(const SetupFlags& flags) {
  if (flags.software == "kafka") return run(setup::apache_kafka(), flags);
  if (flags.software == "spark") return run(setup::apache_spark(), flags);
  if (flags.software.empty() && !flags.remove && flags.bundle.empty() && flags.from.empty())
    return list(setup::Places::of_environment(flags.cache));
  return fail(Code::kUsage,
              flags.software.empty() ? "setup of what?" : "unknown software " + flags.software,
              "weir prepares kafka and spark", "weir setup kafka, or weir setup spark");
}

}  // namespace

int setup_command(Arguments arguments) {
  SetupFlags flags;
  CLI::App app(
      "Prepares the pinned Apache Kafka (-b apache) and Apache Spark (--engine spark) in a cache,\n"
      "through your own mvn and pip. Alone it lists what is there.",
      "weir setup");
  app.add_option("software", flags.software, "kafka or spark");
  auto* check =
      app.add_flag("--check", flags.check, "read every file and hold it against its SHA-256");
  auto* remove = app.add_flag("--remove", flags.remove, "remove it from the cache");
  auto* bundle =
      app.add_option("--bundle", flags.bundle, "write one tar of it, for hosts without internet");
  auto* from = app.add_option("--from", flags.from, "take it from such a tar, not from a registry");
  app.add_option("--cache", flags.cache,
                 "where it is kept (default: $WEIR_CACHE, else ~/.cache/weir)");
  check->excludes(remove)->excludes(bundle)->excludes(from);
  remove->excludes(bundle)->excludes(from);
  bundle->excludes(from);
  app.footer(
      "examples:\n"
      "  weir setup kafka\n"
      "  weir setup spark --bundle spark.tar     # for a host without internet, and there:\n"
      "  weir setup spark --from spark.tar");
  if (auto code = parse(app, std::move(arguments))) return *code;
  if (auto done = dispatch(flags); !done) {
    const int code = report(done.error());
    return interrupted() != 0 ? 128 + interrupted() : code;
  }
  return kMet;
}

}  // namespace weir::cli
