// weir produce: sends a load of events to a topic, as the evaluation's producer.py did, in an open
// loop.
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <random>

#include "apps/weir/cli.h"
#include "apps/weir/client_flags.h"
#include "weir/load/fleet.h"

namespace weir::cli {
namespace {

using load::Generator;
using nlohmann::ordered_json;

struct Produce {
  ClientFlags client;
  std::string topic = "events_topic", rate = "1000", acks = "all";
  std::string schedule = "constant", keys = "round_robin", sizes = "fixed", payload = "constant";
  std::string out, json, event_template, id_header;
  uint64_t seed = 42;
  int size = 200, producers = 1;
  double minutes = 6, seconds = 0, drain_seconds = 30;
  uint64_t events = 0, first_index = 0, stride = 1;
  int64_t start_at = 0;
  int producer_number = -1;
  bool quiet = false;
};

void declare(CLI::App& app, Produce& p) {
  add_client_flags(app, p.client);
  app.add_option("-t,--topic", p.topic, "topic to write to; it must exist")->capture_default_str();
  app.add_option("--rate", p.rate,
                 "events per second of the whole load, or max: as fast as the queue takes")
      ->capture_default_str();
  app.add_option("--schedule", p.schedule,
                 "constant, poisson, ramp:0.1..1, steps:0.25,0.5,1 or burst:4x/200ms/2s; the mean "
                 "is the rate")
      ->capture_default_str();
  app.add_option("--size", p.size, "event size as the evaluation counts it (200 gives 231 bytes)")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  app.add_option("--minutes", p.minutes, "length of the load")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--seconds", p.seconds, "length in seconds, instead of --minutes")
      ->check(CLI::PositiveNumber);
  app.add_option("--events", p.events, "number of events, instead of a length")
      ->check(CLI::PositiveNumber);
  app.add_option("--producers", p.producers, "generator threads, each a producer of its own")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--template", p.event_template,
                 "file with your own event; {{id}}, {{due_ms}}, {{seq}}, {{key}} and {{payload}} "
                 "in it are replaced");
  app.add_option("--id-header", p.id_header, "record header that carries the id's 16 bytes");
  app.add_option("--acks", p.acks, "all, 1 or 0")
      ->check(CLI::IsMember({"all", "-1", "1", "0"}))
      ->capture_default_str();
  app.add_option("--keys,--key", p.keys,
                 "round_robin (none; partitions in turn), user_id, uniform:1000 or zipf:1000:1.1")
      ->capture_default_str();
  app.add_option("--sizes", p.sizes, "fixed (as --size), uniform:150..400 or lognormal:300:0.8")
      ->capture_default_str();
  app.add_option("--payload", p.payload, "constant, text or random: how well it compresses")
      ->capture_default_str();
  app.add_option("--seed", p.seed, "of a Poisson schedule, keys, sizes and payloads")
      ->capture_default_str();
  app.add_option("--out", p.out, "folder for offered.csv, the ledgers and produce.json");
  app.add_option("--start-at", p.start_at, "when event 0 is due, in nanoseconds since the epoch");
  app.add_option("--producer-number", p.producer_number, "number in the event ids (default random)")
      ->check(CLI::Range(0, EventId::kProducers - 1));
  app.add_option("--first-index", p.first_index, "first event of this process's share");
  app.add_option("--stride", p.stride, "it sends every stride-th event from there")
      ->check(CLI::PositiveNumber);
  app.add_option("--drain-seconds", p.drain_seconds, "how long to wait for the last outcomes")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_flag("--quiet", p.quiet, "only the last line, or the JSON");
  app.add_option("--json", p.json, "- prints the summary as JSON")->check(CLI::IsMember({"-"}));
  app.footer(
      "examples:\n"
      "  weir produce --rate 7000 --minutes 6 -b localhost:9092\n"
      "  weir produce --rate max --events 1000000 -X linger.ms=20 --out /tmp/load\n"
      "  weir produce --rate 5000 --seconds 30 --schedule burst:4x/200ms/2s --keys zipf:1000:1.1\n"
      "  weir produce --rate 1000 --seconds 10 --json - | jq .ack_ms");
}

Result<load::FleetOptions> options_of(const Produce& p, bool length_given) {
  load::FleetOptions fleet;
  fleet.client = WEIR_TRY(client_of(p.client));
  fleet.topic = p.topic;
  fleet.acks = p.acks == "all" ? -1 : std::stoi(p.acks);
  fleet.producers = p.producers;
  fleet.out = p.out;
  auto& load = fleet.load;
  load.start = Nanos(p.start_at);
  if (p.rate == "max") {
    load.rate_eps = 0;
  } else {
    char* end = nullptr;
    load.rate_eps = std::strtod(p.rate.c_str(), &end);
    constexpr double kLeast = 0.001, kMost = 1e9;
    if (end == p.rate.c_str() || *end || !(load.rate_eps >= kLeast && load.rate_eps <= kMost))
      return fail(Code::kUsage, "--rate " + p.rate + " cannot be used",
                  "a rate is a number of events per second above 0, or max",
                  "for example --rate 7000");
  }
  if (p.events > 0) load.events = p.events;
  if (p.events == 0 || length_given)
    load.length = Nanos(std::llround((p.seconds > 0 ? p.seconds : p.minutes * 60) * 1e9));
  load.share = {p.first_index, p.stride};
  load.event_size = p.size;
  if (!p.event_template.empty())
    load.event_template = WEIR_TRY(EventTemplate::read(p.event_template));
  load.id_header = p.id_header;
  load.arrivals = WEIR_TRY(load::Arrivals::parse(p.schedule, "--schedule"));
  load.seed = p.seed;
  load.keys = WEIR_TRY(load::KeyLaw::parse(p.keys == "none" ? "round_robin" : p.keys, "--keys"));
  load.sizes = WEIR_TRY(load::SizeLaw::parse(p.sizes, "--sizes"));
  load.payload = WEIR_TRY(load::parse_payload(p.payload, "--payload"));
  WEIR_TRY(load::check_options(load));
  load.drain_limit = nanos_from_seconds(p.drain_seconds);
  if (p.producer_number > EventId::kProducers - p.producers)
    return fail(Code::kUsage, fmt::format("--producer-number {} is too high", p.producer_number),
                fmt::format("{} producers count up from it, and 16383 is the last", p.producers),
                "choose a lower one");
  std::random_device random;
  load.producer = p.producer_number >= 0 ? uint32_t(p.producer_number)
                                         : random() % uint32_t(EventId::kProducers - p.producers);
  return fleet;
}

std::string grouped(uint64_t n) {
  std::string text = std::to_string(n);
  for (int at = int(text.size()) - 3; at > 0; at -= 3) text.insert(size_t(at), ",");
  return text;
}

ordered_json times_json(const Histogram& h) {
  if (h.total() + h.overflow() == 0) return nullptr;
  return {{"p50", double(h.quantile(0.5)) / 1000},
          {"p99", double(h.quantile(0.99)) / 1000},
          {"max", double(h.max()) / 1000}};
}

ordered_json summary_json(const Produce& p, const load::FleetReport& report) {
  const auto& t = report.totals;
  ordered_json json = {{"schema", "weir.produce/1"},
                       {"brokers", p.client.brokers},
                       {"topic", p.topic},
                       {"partitions", report.partitions},
                       {"rate", p.rate},
                       {"schedule", p.schedule},
                       {"keys", p.keys},
                       {"size", p.size},
                       {"sizes", p.sizes},
                       {"payload", p.payload},
                       {"producers", report.producers},
                       {"start_ns", report.start.value},
                       {"scheduled", t.scheduled},
                       {"handed_over", t.handed_over},
                       {"refused", t.refused},
                       {"late", t.late},
                       {"acked", t.acked},
                       {"failed", t.failed},
                       {"unknown", t.unknown},
                       {"measured_s", (report.last_hand_over - report.start).seconds()},
                       {"achieved_eps", report.achieved_eps()},
                       {"send_lag_ms", times_json(t.send_lag)},
                       {"ack_ms", times_json(t.ack_time)},
                       {"first_failure", report.first_failure},
                       {"settings", report.settings},
                       {"interrupted", interrupted()}};
  return json;
}

std::string times_text(const Histogram& h) {
  if (h.total() + h.overflow() == 0) return "not measured";
  return fmt::format("p50 {:.2f} ms, p99 {:.2f} ms, max {:.2f} ms", double(h.quantile(0.5)) / 1000,
                     double(h.quantile(0.99)) / 1000, double(h.max()) / 1000);
}

void print_summary(const Produce& p, const load::FleetReport& report) {
  const auto& t = report.totals;
  const double seconds = (report.last_hand_over - report.start).seconds();
  const auto line = [](const char* name, uint64_t n, const std::string& note) {
    fmt::print("{:<12} {:>15}{}{}\n", name, grouped(n), note.empty() ? "" : "  ", note);
  };
  line("scheduled", t.scheduled,
       p.rate == "max" ? "no schedule: an event was due when the queue took it"
                       : fmt::format("at {} events/s{}", p.rate,
                                     p.schedule == "constant" ? "" : ", " + p.schedule));
  line("handed over", t.handed_over,
       fmt::format("in {:.2f} s: {} events/s", seconds, grouped(uint64_t(report.achieved_eps()))));
  line("refused", t.refused, t.refused ? "the client's queue was full: the pipeline's limit" : "");
  line("late", t.late, t.late ? "the generator was over 1 s behind: its own limit" : "");
  line("acked", t.acked, "");
  line("failed", t.failed, t.failed ? report.first_failure : "");
  line("unknown", t.unknown,
       t.unknown ? fmt::format("no outcome {} s after the load", p.drain_seconds) : "");
  fmt::print("{:<12} {}\n", "send lag", times_text(t.send_lag));
  fmt::print("{:<12} {}\n", "ack - due", times_text(t.ack_time));
  std::string settings;
  for (const auto& [key, value] : report.settings)
    settings += (settings.empty() ? "" : " ") + key + "=" + value;
  fmt::print("{:<12} {}\n", "settings", settings);
}

void print_begin(const Produce& p, const load::FleetReport& report) {
  fmt::print(stderr, "sending to {} on {}: {} partitions, {}, producer {}\n", p.topic,
             p.client.brokers, report.partitions,
             p.rate == "max" ? "as fast as the queue takes" : p.rate + " events/s",
             report.producers.size() == 1
                 ? std::to_string(report.producers[0])
                 : fmt::format("{} to {}", report.producers.front(), report.producers.back()));
  if (p.acks != "all" && p.acks != "-1")
    fmt::print(stderr,
               "warning: idempotence is off with --acks {}: a retry may write an event twice\n",
               p.acks);
}

int finish(const Produce& p, const load::FleetReport& report, Disk& disk) {
  const std::string json = summary_json(p, report).dump(2) + "\n";
  if (!p.out.empty())
    if (auto written = disk.write_whole(p.out + "/produce.json", json); !written)
      return cli::report(written.error());
  if (p.json == "-")
    std::fputs(json.c_str(), stdout);
  else if (!p.quiet)
    print_summary(p, report);
  const auto& t = report.totals;
  if (p.json.empty())
    fmt::print("{} of {} events acked, {} events/s\n", grouped(t.acked), grouped(t.scheduled),
               grouped(uint64_t(report.achieved_eps())));
  constexpr int kSignalBase = 128;
  if (interrupted()) {
    fmt::print(stderr, "weir: interrupted by signal {}\n", interrupted());
    return kSignalBase + interrupted();
  }
  if (t.handed_over > 0 && t.acked == 0)
    return cli::report(
        Error{Code::kFailed, "no event was acked",
              report.first_failure.empty() ? "the broker gave no answer" : report.first_failure,
              "look at the broker's log"});
  return kMet;
}

}  // namespace

int produce_command(Arguments arguments) {
  Produce p;
  CLI::App app("Sends events at a fixed rate, in an open loop, and says what became of each.",
               "weir produce");
  declare(app, p);
  if (auto code = parse(app, std::move(arguments))) return *code;
  const auto fleet = options_of(p, app.count("--seconds") + app.count("--minutes") > 0);
  if (!fleet) return report(fleet.error());
  p.client.brokers = fleet->client.brokers;
  watch_interrupts();
  SystemClock clock = SystemClock::from_environment();
  const auto disk = real_disk();
  const auto wish = [] {
    const int count = interrupt_count();
    return count == 0   ? Generator::Wish::kGoOn
           : count == 1 ? Generator::Wish::kDrain
                        : Generator::Wish::kQuit;
  };
  const auto begun = [&](const load::FleetReport& report) {
    if (!p.quiet) print_begin(p, report);
  };
  const auto second = [&](const load::Offered& t) {
    if (!p.quiet)
      fmt::print(stderr, "acked {}  refused {}  late {}  failed {}  send lag p99 {:.2f} ms\n",
                 grouped(t.acked), grouped(t.refused), grouped(t.late), grouped(t.failed),
                 double(t.send_lag.quantile(0.99)) / 1000);
  };
  const auto report = load::send_load(*fleet, clock, *disk, wish, begun, second);
  if (!report) return cli::report(report.error());
  return finish(p, *report, *disk);
}

}  // namespace weir::cli
