// The engine on stored load: a first idea of what the pipeline can do.
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "weir/lab/ledgers.h"
#include "weir/lab/pipeline.h"
#include "weir/lab/scale_plan.h"
#include "weir/lab/step.h"

namespace weir::lab {
namespace {

namespace fs = std::filesystem;

constexpr Nanos kDrainLimit = nanos_from_seconds(20), kColdDrainLimit = nanos_from_seconds(60);
constexpr uint64_t kColdEvents = 500'000;  // enough for a JVM to compile what it needs

// Stores load in a fresh topic; returns how long that took.
Result<Nanos> fill_topic(Lab& lab, Pipeline& pipeline, const std::string& out, Nanos fill,
                         uint64_t events) {
  GeneratorOptions generator;
  generator.out = out;
  generator.rate = "max";
  generator.start = lab.clock.now();
  generator.length = fill;
  generator.events = events;
  generator.size = lab.plan.event_size;
  generator.producer_number = lab.next_producer;
  lab.next_producer = (lab.next_producer + 1) % EventId::kProducers;
  const Nanos begin = lab.clock.now();
  WEIR_TRY(pipeline.start_generators(generator));
  const auto finished = pipeline.wait_generators(fill + nanos_from_seconds(30));
  if (!finished || *finished != 0)
    return fail(Code::kFailed, "storing the load for the first guess failed",
                pipeline.generator_trouble());
  return lab.clock.now() - begin;
}

// One fill and one drain. `cold` tells afterwards whether the engine's process was new.
Result<DrainTest> drain_once(Lab& lab, Nanos fill, uint64_t events, bool& cold) {
  const std::string data = lab.folder.data_path() + "/drain";
  std::error_code error;
  fs::remove_all(data, error);
  fs::create_directories(data + "/out", error);
  if (error) return tl::unexpected(error_from_errno(error.value(), "make the folder", data));
  PipelineOptions options;
  options.place = {events > 0 ? "warm-up" : "drain", data, lab.host.log + "/drain-", data + "/out"};
  options.workload = lab.plan.workload;
  options.partitions = int32_t(lab.plan.partitions);
  options.parallelism = int32_t(lab.plan.parallelism);
  options.trigger = Nanos(0);
  auto pipeline =
      WEIR_TRY(Pipeline::open({lab.host, lab.broker, lab.engine, lab.interrupted}, options));
  const Nanos filled = WEIR_TRY(fill_topic(lab, *pipeline, data + "/out", fill, events));
  DrainTest test;
  test.events = count(WEIR_TRY(read_ledgers(data + "/out")), Outcome::kAcked);
  const Nanos begin = lab.clock.now();
  WEIR_TRY(pipeline->start_engine());
  cold = lab.engine.cold_start().value > 0;
  const Nanos limit = begin + (cold ? kColdDrainLimit : kDrainLimit);
  Observer& observer = pipeline->observer();
  while (observer.distinct() < test.events && lab.clock.now() < limit && !lab.interrupted() &&
         lab.engine.trouble().empty())
    lab.clock.sleep_until(lab.clock.now() + nanos_from_millis(2));
  const std::string trouble = lab.engine.trouble();
  pipeline->stop();
  const Observations seen = observer.snapshot();
  fs::remove_all(data, error);
  if (lab.interrupted()) return fail(Code::kInterrupted, "interrupted");
  if (seen.results.empty() || test.events == 0)
    return fail(Code::kFailed, "the engine gave no result from stored load",
                trouble.empty() ? "nothing became visible in time" : trouble,
                "see the logs under " + lab.host.log);
  test.fill_eps = double(test.events) / std::max(filled.seconds(), 0.001);
  const Nanos from = seen.fences.empty() ? begin : seen.fences.front().at;
  test.drain_eps =
      double(seen.distinct) / std::max((seen.results.back().at - from).seconds(), 0.001);
  return test;
}

}  // namespace

Result<DrainTest> run_drain_test(Lab& lab, Nanos fill) {
  bool cold = false;
  if (lab.plan.engine == "native") {
    // Work added to each event would make the drain of a full topic last for minutes.
    const double bound =
        added_work_bound(lab.plan, std::min(lab.plan.partitions, lab.plan.parallelism),
                         sysconf(_SC_NPROCESSORS_ONLN));
    const bool slow = added_work_dominates(lab.plan);
    return drain_once(lab, fill, slow ? std::max<uint64_t>(1, uint64_t(bound * fill.seconds())) : 0,
                      cold);
  }
  WEIR_TRY(drain_once(lab, fill, kColdEvents, cold));
  return drain_once(lab, fill, 0, cold);
}

}  // namespace weir::lab
