// The two halves of the pipeline under test as a run sees them: who speaks the Kafka protocol, and
// who processes the stream. One implementation per kind of target; nothing above knows which.
//
// Home thread of both: that of the run (children die with that thread). No call here waits longer
// than starting a process takes; what takes time is asked for with ready().
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/kafka/client.h"
#include "weir/lab/guard.h"
#include "weir/lab/observer.h"
#include "weir/lab/plan.h"
#include "weir/proxy/link_proxy.h"
#include "weir/sys/clock.h"
#include "weir/sys/cores.h"
#include "weir/sys/log_tail.h"
#include "weir/sys/process.h"

namespace weir::lab {

// What every host of a run shares. References outlive the hosts.
struct HostContext {
  std::string program;  // this weir
  const Plan& plan;
  Guard& guard;
  Anchor anchor;
  std::string run_id;
  std::string data;      // folder for what the run's processes keep; exists
  std::string log;       // folder of the run's logs; exists
  bool discard = false;  // the embedded broker acknowledges and stores nothing
  // How somebody's cluster is reached: --command-config, WEIR_CLIENT_PROPERTIES and -X, resolved.
  // The brokers are plan.broker's.
  kafka::ClientConfig client = {};
  Cores cores = {};  // that broker and engine run on where weir starts them; empty: any
};

// Where a step's files go.
struct StepPlace {
  std::string label;
  std::string data;        // folder for the step's broker log and checkpoint; exists
  std::string log_prefix;  // process logs become <prefix><process>.log
  std::string outdir;      // the step's folder: batches.csv
};

using NamedProcesses = std::vector<std::pair<std::string, ProcessId>>;

class BrokerHost {
 public:
  virtual ~BrokerHost() = default;

  // Before anything else of a step; starts what is not running. ready() tells when it answers.
  virtual Status begin_step(const StepPlace& place) = 0;
  // True once it answers on brokers(). Fails when its process ended or its time is over, with the
  // last lines of its log.
  virtual Result<bool> ready() = 0;
  // After a step: ends what belonged to that step only.
  virtual void end_step() = 0;

  // How to reach it; valid once ready() was true, and the same for the whole step.
  virtual const kafka::ClientConfig& client() const = 0;
  // Topics of the step begin with it; empty where the step has the broker for itself.
  virtual std::string topic_prefix() const = 0;

  // Its process on this machine; null when it is not weir's.
  virtual Child* process() = 0;
  virtual NamedProcesses processes() = 0;
  // After its process died: starts it again on the same address and data. ready() tells when.
  virtual Status restart() = 0;
  // Where its process keeps the topics; empty when it is not weir's.
  virtual std::string data_folder() const { return {}; }
  // A proxy by which clients can reach it as well, and whose address it tells them then; null where
  // the plan needs none (fault_plan.h). Leads to the broker once ready() was true.
  virtual proxy::LinkProxy* link() { return nullptr; }
  // What a person must agree to before the run touches it, in whole sentences; empty: nothing.
  virtual std::string asks() const { return {}; }
  // Settings of the topics that weir creates there.
  virtual std::map<std::string, std::string> topic_settings() const { return {}; }
  // Before a topic of the step is created: if this process dies, somebody else deletes it. After it
  // was deleted: nobody need.
  virtual Status own(const std::string&) { return {}; }
  virtual void disown(const std::string&) {}

  // "Apache Kafka 3.9.1, one node"; durable: an acknowledged event was flushed to disk.
  virtual std::string description() const = 0;
  virtual bool durable() const = 0;
};

// One query over one topic. Times on the run's clock.
struct Query {
  kafka::ClientConfig client;
  std::string topic, output_topic;
  std::string workload;
  int32_t partitions = 1, parallelism = 1;
  Nanos trigger;
  Nanos window;  // width of the observer's due-time windows
};

// Until a JVM has compiled what a batch needs.
constexpr Nanos kJvmColdStart = nanos_from_seconds(15);

class EngineHost {
 public:
  virtual ~EngineHost() = default;

  // Whoever sees this query's results from outside. Before start().
  virtual Result<std::unique_ptr<Observer>> observe(const Query& query) = 0;
  // Starts the query on a fresh checkpoint under place.data.
  virtual Status start(const Query& query, const StepPlace& place) = 0;
  // True once the query runs and load may begin. Fails when it ended or its time is over.
  virtual Result<bool> ready(const Observer& observer) = 0;
  // Which start of the query's process is at work: counted from 1 by the engine; 0 when not known.
  virtual int64_t attempt(const Observer& observer) const = 0;
  // Why the query runs no longer although nobody stopped it; empty while it runs.
  virtual std::string trouble() = 0;
  // Ends the query, its last batch finished where the engine can do that; what may serve a later
  // query stays.
  virtual void stop_query() = 0;

  // How long load runs through the query's process before it works as it will: 0 where that needs
  // nothing. Of a JVM that was started for this query, its time to compile.
  virtual Nanos cold_start() const { return Nanos(0); }

  // The process that a fault hits; null when it is not weir's.
  virtual Child* process() = 0;
  virtual NamedProcesses processes() = 0;
  // After its process died: starts it again on the same checkpoint.
  virtual Status restart() = 0;
  // While its process is down: takes away what it would go on from; says what that was, in words
  // that follow "then". kUsage where it cannot be had.
  virtual Result<std::string> lose_checkpoint() {
    return fail(Code::kUsage, "the engine's checkpoint cannot be taken away",
                "weir does not know where it is", "leave checkpoint:lose out");
  }
  // Keeps the present process as old_process() and starts another one on the same checkpoint;
  // kUsage where two cannot be.
  virtual Status replace() = 0;
  virtual Child* old_process() = 0;

  virtual std::string description() const = 0;  // "weir stream 0.1", "Apache Spark 3.5.7, local[2]"
  virtual std::string guarantee(const std::string& workload) const = 0;
};

// By plan.broker and plan.engine; kUsage for what cannot be had.
Result<std::unique_ptr<BrokerHost>> open_broker(const HostContext& context);
Result<std::unique_ptr<EngineHost>> open_engine(const HostContext& context);

}  // namespace weir::lab
