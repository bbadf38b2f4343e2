// weir stream: the micro-batch engine as a process.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "apps/weir/cli.h"
#include "apps/weir/client_flags.h"
#include "weir/base/duration.h"
#include "weir/checkpoint/format.h"
#include "weir/engine/connections.h"
#include "weir/engine/engine.h"
#include "weir/engine/progress.h"
#include "weir/sys/clock.h"
#include "weir/sys/disk.h"

namespace weir::cli {
namespace {
struct StreamFlags {
  ClientFlags client;
  std::string topic = "events_topic", output_topic, checkpoint, outdir;
  std::string trigger = "5 seconds", workload = "metrics", starting_offsets = "latest";
  std::string on_bad_event = "skip", progress_path;
  int parallelism = 2;
  double cpu_us = 0, wait_us = 0;
  bool quiet = false;
};

void declare(CLI::App& app, StreamFlags& flags) {
  add_client_flags(app, flags.client);
  app.add_option("--topic", flags.topic, "events are read from here")->capture_default_str();
  app.add_option("--output-topic", flags.output_topic,
                 "results are written there [<topic>.weir-out]; created when missing");
  app.add_option("--checkpoint", flags.checkpoint, "the query's folder, in Spark's layout")
      ->required();
  app.add_option("--outdir", flags.outdir,
                 "batches.csv is written into this folder, also file:///...");
  app.add_option("--trigger", flags.trigger,
                 "time between batches: \"5 seconds\", \"200 ms\", 1s, 0")
      ->capture_default_str();
  app.add_option("--parallelism", flags.parallelism, "threads that read and parse")
      ->capture_default_str()
      ->check(CLI::Range(1, 256));
  app.add_option("--cpu-us", flags.cpu_us, "CPU added to each event, in microseconds")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1e6));
  app.add_option("--wait-us", flags.wait_us,
                 "blocking wait added to each event, in microseconds, in the thread that reads it")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1e6));
  app.add_option("--workload", flags.workload, "one receipt per batch, or one result per event")
      ->capture_default_str()
      ->check(CLI::IsMember({"metrics", "forward"}));
  app.add_option("--starting-offsets", flags.starting_offsets, "where a new query begins")
      ->capture_default_str()
      ->check(CLI::IsMember({"earliest", "latest"}));
  app.add_option("--on-bad-event", flags.on_bad_event,
                 "a malformed event is counted, or ends the query")
      ->capture_default_str()
      ->check(CLI::IsMember({"skip", "fail"}));
  app.add_option("--progress", flags.progress_path, "append one JSON line per batch to this file");
  app.add_flag("-q,--quiet", flags.quiet, "no progress on stderr");
}

// A folder as the seed's flags give it: a path or file:///path.
Result<std::string> local_path(const char* flag, std::string text) {
  if (text.starts_with("file:")) {
    text.erase(0, 5);
    if (text.starts_with("//")) text.erase(0, 2);
    if (!text.starts_with('/'))
      return fail(Code::kUsage, std::string(flag) + " is not on this machine",
                  "file:// must be followed by an absolute path",
                  "write file:///path or the path alone");
  } else if (text.find("://") != std::string::npos) {
    return fail(Code::kUsage, std::string(flag) + " is not on this machine",
                text + " names another file system", "give a folder of this machine");
  }
  while (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

Result<engine::EngineOptions> options_of(const StreamFlags& flags) {
  engine::EngineOptions options;
  options.topic = flags.topic;
  options.output_topic =
      flags.output_topic.empty() ? flags.topic + ".weir-out" : flags.output_topic;
  options.checkpoint = WEIR_TRY(local_path("--checkpoint", flags.checkpoint));
  options.outdir = WEIR_TRY(local_path("--outdir", flags.outdir));
  options.trigger = WEIR_TRY_IN("--trigger", parse_duration(flags.trigger));
  if (options.trigger.value % 1'000'000 != 0)
    return fail(Code::kUsage, "--trigger " + flags.trigger + " is too fine",
                "batches begin on a grid of whole milliseconds", "give whole milliseconds, or 0");
  options.parallelism = flags.parallelism;
  options.cpu_us = flags.cpu_us;
  options.wait_us = flags.wait_us;
  options.workload =
      flags.workload == "forward" ? engine::Workload::kForward : engine::Workload::kMetrics;
  options.on_bad_event =
      flags.on_bad_event == "fail" ? engine::OnBadEvent::kFail : engine::OnBadEvent::kSkip;
  options.starting_offsets = flags.starting_offsets == "earliest"
                                 ? engine::StartingOffsets::kEarliest
                                 : engine::StartingOffsets::kLatest;
  if (options.topic == options.output_topic)
    return fail(Code::kUsage, "the output would go into the input topic " + options.topic,
                "the query would read its own results", "give another --output-topic");
  return options;
}

Result<kafka::ClientConfig> stream_client(const StreamFlags& flags) {
  auto client = WEIR_TRY(client_of(flags.client));
  client.client_id = "weir-stream";
  const std::pair<const char*, std::vector<std::string>> needed[] = {
      {"enable.idempotence", {"true"}},
      {"acks", {"all", "-1"}},
      {"request.required.acks", {"all", "-1"}}};
  for (const auto& [key, values] : needed)
    if (const auto found = client.properties.find(key); found != client.properties.end())
      if (std::find(values.begin(), values.end(), found->second) == values.end())
        return fail(Code::kUsage, found->first + "=" + found->second + " cannot be used here",
                    "results are written exactly once only by an idempotent producer with acks=all",
                    "leave this property out");
  return client;
}

// Writes progress as batches are committed.
class Reporter {
 public:
  Reporter(const engine::EngineOptions& options, bool quiet) : options_(options), quiet_(quiet) {}

  Status open(Disk& disk, const std::string& path) {
    if (path.empty()) return {};
    auto file = disk.open(path);
    if (!file) {
      Error error = file.error();
      return fail(Code::kUsage, "cannot write --progress " + path, error.what + ": " + error.why,
                  "choose a file that this user may write");
    }
    json_ = std::move(*file);
    return {};
  }

  void batch(const engine::BatchReport& report) {
    if (json_) {
      const auto line = engine::progress_json(report, options_.topic, options_.output_topic,
                                              run_id_, previous_start_);
      if (!json_->append(line + "\n")) json_.reset();  // a full disk must not stop the query
    }
    previous_start_ = report.row.planned;
    if (quiet_) return;
    if (const auto line = line_.add(report); !line.empty()) note(line);
  }
  static void note(const std::string& line) {
    std::fprintf(stderr, "weir stream: %s\n", line.c_str());
  }

 private:
  const engine::EngineOptions& options_;
  const bool quiet_;
  const std::string run_id_ = checkpoint::random_uuid();
  engine::ProgressLine line_{nanos_from_seconds(5)};
  std::unique_ptr<File> json_;
  Nanos previous_start_;
};

Status stream(const StreamFlags& flags) {
  const auto options = WEIR_TRY(options_of(flags));
  const auto client = WEIR_TRY(stream_client(flags));
  engine::Hook hook;
  if (const char* text = std::getenv("WEIR_CRASH_AT"))
    hook = WEIR_TRY(engine::parse_crash_hook(text));
  const auto disk = real_disk();
  auto clock = SystemClock::from_environment();
  Reporter reporter(options, flags.quiet);
  WEIR_TRY(reporter.open(*disk, flags.progress_path));
  const auto connections = engine::connect_to(client);
  {
    const auto admin = WEIR_TRY(connections.admin());
    WEIR_TRY(engine::prepare_topics(*admin, options));
  }
  engine::Engine engine(
      options, connections, *disk, clock, [] { return interrupted() != 0; },
      {[&](const engine::BatchReport& report) { reporter.batch(report); },
       [](const std::string& line) { Reporter::note(line); }},
      std::move(hook));
  return engine.run();
}
}  // namespace

int stream_command(Arguments arguments) {
  CLI::App app{
      "Reads events in micro-batches, writes results exactly once for readers of weir's rule.",
      "weir stream"};
  StreamFlags flags;
  declare(app, flags);
  app.footer(
      "examples:\n"
      "  weir stream --checkpoint /tmp/ckpt --outdir /tmp/out --trigger \"5 seconds\"\n"
      "  weir stream --checkpoint /tmp/ckpt --workload forward --starting-offsets earliest\n"
      "  weir stream --checkpoint /tmp/ckpt --parallelism 4 --progress progress.jsonl");
  if (auto code = parse(app, std::move(arguments))) return *code;
  watch_interrupts();
  if (auto done = stream(flags); !done) return report(done.error());
  return kMet;
}

}  // namespace weir::cli
