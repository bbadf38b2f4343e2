// The embedded pipeline of one step: a broker, its topics, an engine and a generator, each a
// process that can be killed, stopped and started again, each known to the guard.
//
// Home thread: the one that made it (children die with that thread).
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/lab/guard.h"
#include "weir/sys/clock.h"
#include "weir/sys/process.h"

namespace weir::lab {

struct PipelineOptions {
  std::string program;     // this weir
  std::string data;        // folder for the broker's log and the checkpoint
  std::string log_prefix;  // process logs become <prefix><process>.log
  std::string outdir;      // where the engine writes batches.csv
  std::string workload = "metrics";
  int32_t partitions = 4, parallelism = 2;
  Nanos trigger = nanos_from_seconds(1);
  bool discard = false;  // the broker acknowledges and stores nothing
};

// The scheduling priority of what measures: on shared cores the load and the stamps must not wait for
// the pipeline that they measure. Without the right to it they run like everybody else.
inline constexpr int kMeasuringNice = -10;

struct GeneratorOptions {
  std::string out;   // where offered.csv and the ledgers go
  std::string rate;  // events per second, or "max"
  Nanos start, length;
  uint64_t events = 0;  // instead of a length when > 0
  int64_t size = 200, producers = 1;
  uint32_t producer_number = 0;
};

class Pipeline {
 public:
  // Starts the broker and creates the topics "events" and "events.weir-out".
  static Result<std::unique_ptr<Pipeline>> start(const PipelineOptions& options, Guard& guard,
                                                 const Anchor& anchor);
  ~Pipeline();

  static constexpr const char* kTopic = "events";
  static constexpr const char* kOutputTopic = "events.weir-out";

  const std::string& brokers() const { return address_; }
  Status start_engine();
  Status start_generator(const GeneratorOptions& options);
  // Starts the broker again on the same address; returns once it is ready.
  Status restart_broker();
  // Keeps the present engine as `old_engine()` and starts another one on the same checkpoint.
  Status replace_engine();

  Child& broker() { return *broker_; }
  Child& engine() { return *engine_; }
  Child& generator() { return *generator_; }
  bool has_generator() const { return generator_.has_value(); }
  std::optional<Child>& old_engine() { return old_engine_; }
  std::vector<std::pair<std::string, ProcessId>> processes() const;
  // The last lines of a process's log, for messages.
  std::string log_tail(const std::string& process) const;

  // Ends them in order: generator, engine, broker. Data stay.
  void stop_engine();
  void stop();

 private:
  Pipeline(const PipelineOptions& options, Guard& guard, const Anchor& anchor)
      : options_(options), guard_(guard), anchor_(anchor) {}
  Result<Child> spawn(const std::string& name, std::vector<std::string> arguments, bool pipe,
                      int nice = 0);
  Status start_broker(const std::string& listen);
  void end(std::optional<Child>& child, Nanos grace);

  PipelineOptions options_;
  Guard& guard_;
  Anchor anchor_;
  std::string address_;
  std::optional<Child> broker_, engine_, old_engine_, generator_;
};

}  // namespace weir::lab
