// The pipeline of one step: a broker host, its topics, an engine host with one query, and a
// generator, which is the same whatever the hosts are.
//
// Home thread: the run's.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/lab/guard.h"
#include "weir/lab/host.h"
#include "weir/lab/observer.h"
#include "weir/lab/tracked_child.h"

namespace weir::lab {

struct PipelineOptions {
  StepPlace place;
  std::string workload = "metrics";
  int32_t partitions = 4, parallelism = 2;
  Nanos trigger = nanos_from_seconds(1);
  Nanos window = nanos_from_seconds(1);  // the observer's
  bool over_link = false;                // the engine reaches its broker through the proxy
};

// One load, sent by one process or by several that share it: process n of N sends the events n,
// n + N, n + 2 N ... of it.
struct GeneratorOptions {
  std::string out;   // where offered.csv and the ledgers go; of several processes, folders in there
  std::string rate;  // events per second, or "max"
  Nanos start, length;
  uint64_t events = 0;  // instead of a length when > 0
  int64_t size = 200, producers = 1, processes = 1;
  uint32_t producer_number = 0;  // the first of producers x processes
  std::string schedule = "constant";
  uint64_t seed = 42;
  uint64_t first_event = 0;  // those before it are not sent
};

class Pipeline {
 public:
  // What a step needs of its run. References outlive the pipeline.
  struct Context {
    HostContext& host;
    BrokerHost& broker;
    EngineHost& engine;
    std::function<bool()> interrupted;
  };

  // Begins the step at the broker, waits until it answers, and creates the step's topics.
  static Result<std::unique_ptr<Pipeline>> open(const Context& context,
                                                const PipelineOptions& options);
  ~Pipeline();

  // Starts to observe the query's results, then the query; returns once load may begin.
  Status start_engine();
  Status start_generators(const GeneratorOptions& options);
  // The first process was killed: a new one sends its share of what `options` describe, into a
  // folder of its own in options.out.
  Status restart_generator(const GeneratorOptions& options);
  void signal_generators(int signal);
  // Once all have ended the first status that is not 0, or 0; at once when one ended with another
  // one.
  std::optional<int> poll_generators();
  // Waits for that; empty when it took longer than `limit`.
  std::optional<int> wait_generators(Nanos limit);
  // What the generator that poll_generators() told of last wrote, and which it was: nobody else
  // sends its share.
  std::string generator_trouble() const;

  BrokerHost& broker() { return context_.broker; }
  EngineHost& engine() { return context_.engine; }
  Observer& observer() { return *observer_; }
  // Where the engine goes through it; else null.
  proxy::LinkProxy* link() { return options_.over_link ? context_.broker.link() : nullptr; }
  Child& first_generator() { return generators_.front().child(); }
  const Query& query() const { return query_; }
  NamedProcesses processes();
  // The last lines of a process's log, for messages.
  std::string log_tail(const std::string& process) const;

  void stop_engine();
  // Ends what is left, in order: generator, query, the step's topics or broker.
  void stop();

 private:
  Pipeline(const Context& context, const PipelineOptions& options)
      : context_(context), options_(options) {}
  Status await(const std::function<Result<bool>()>& ready);
  Status start_process(const GeneratorOptions& options, size_t n, const std::string& out);
  Status create_topics();
  void delete_topics();

  Context context_;
  PipelineOptions options_;
  Query query_;
  std::vector<std::string> created_;  // topics to delete; empty where the step's broker ends
  std::unique_ptr<Observer> observer_;
  std::vector<TrackedChild> generators_;
  size_t failed_generator_ = 0;
  bool engine_started_ = false, stopped_ = false;
};

}  // namespace weir::lab
