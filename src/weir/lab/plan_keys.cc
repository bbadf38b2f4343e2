#include "weir/lab/plan_keys.h"

#include <toml++/toml.h>
#include <algorithm>
#include <cctype>

namespace weir::lab {
namespace {

void note_lines(const toml::table& table, const std::string& prefix,
                std::map<std::string, int>& lines) {
  for (const auto& [key, node] : table) {
    const std::string path = prefix + std::string(key.str());
    const auto is_path = [&](const PlanKey& each) { return each.path == path; };
    if (std::any_of(plan_keys().begin(), plan_keys().end(), is_path))
      lines[path] = int(node.source().begin.line);
    else if (const auto* inner = node.as_table())
      note_lines(*inner, path + ".", lines);
  }
}

}  // namespace

const std::vector<PlanKey>& plan_keys() {
  static const std::vector<PlanKey> all = {
      {"experiments", "list of strings", "what to run when the command line names none"},
      {"budget", "span of time",
       "time for all experiments named, shared 40 : 20 : 40; \"0s\": as long as they need, in "
       "full"},
      {"seed", "whole number", "of everything random"},
      {"objectives", "list of strings",
       "what must hold, e.g. \"p99_ms <= 1500\", \"lost == 0\"; a missed one makes exit code 3"},
      {"target.broker", "string", "embedded, apache, or host:port[,host:port]"},
      {"target.engine", "string", "native, spark, seed or external"},
      {"target.cores", "string",
       "cores that broker and engine run on, as taskset -c takes them; weir and its generators get "
       "the others; empty: all share all"},
      {"target.command_config", "string",
       "a client's properties file, as Kafka's own tools take it"},
      {"topic.partitions", "whole number", "of the input topic"},
      {"topic.replication", "whole number", "copies of each partition"},
      {"event.size", "whole number",
       "of an event as the evaluation counts it; 200 gives 231 bytes"},
      {"event.identity", "string",
       "how an event is known in the output: event_id, header:NAME, json:/path or none"},
      {"event.template", "string",
       "file with your own event; {{id}}, {{due_ms}} and {{seq}} in it are replaced"},
      {"engine.workload", "string",
       "metrics: a receipt per batch; forward: a result per event, written to Kafka"},
      {"engine.trigger", "span of time", "between batches"},
      {"engine.parallelism", "whole number", "workers: threads of weir stream, cores of Spark"},
      {"engine.cpu_us", "number",
       "microseconds of CPU that weir stream uses on top for each event, in the worker that reads "
       "it; fractions too"},
      {"engine.wait_us", "number",
       "microseconds that a worker of weir stream waits for each event, as behind a blocking call; "
       "more workers than cores wait at the same time"},
      {"engine.master", "string",
       "where Spark runs: local[N], spark://host:7077, yarn, k8s://...; empty: "
       "local[parallelism]"},
      {"engine.connect", "string",
       "sc://host:port of a Spark Connect server that runs already; empty: weir starts one"},
      {"engine.driver_memory", "string", "heap of the Spark driver that weir starts"},
      {"engine.conf", "table of strings", "Spark's own settings, as spark-submit --conf"},
      {"engine.start", "string", "external engine: the command that runs it"},
      {"engine.stop", "string", "external engine: the command that ends it; empty: SIGTERM"},
      {"engine.kill", "string", "external engine: the command that kills it; empty: SIGKILL"},
      {"engine.ready", "string", "external engine: a command that succeeds once it is ready"},
      {"engine.input_topic", "string", "topic that it reads; empty: one of weir's for each step"},
      {"engine.output_topic", "string", "topic that it writes; empty: one of weir's for each step"},
      {"engine.progress", "string",
       "how weir sees what was processed: output, group:ID, checkpoint:PATH or command:CMD"},
      {"load.search", "true or false", "search the sustainable rate"},
      {"load.rates", "list of numbers", "events per second: exactly these steps, no search"},
      {"load.until", "list of strings",
       "what a rate must meet besides keeping up, e.g. \"p99_ms <= 250\""},
      {"load.warmup", "span of time", "of each step; \"0s\": as long as the method asks"},
      {"load.step", "span of time", "measured length of a step, after warm-up"},
      {"load.producers", "whole number", "generator threads of each process"},
      {"load.processes", "whole number", "generator processes, each with a fixed share"},
      {"load.schedule", "string",
       "when events are due: constant, poisson, ramp:0.1..1, steps:0.25,0.5,1 or "
       "burst:4x/200ms/2s; the mean is the step's rate"},
      {"load.keys", "string", "round_robin, user_id, uniform:1000 or zipf:1000:1.1"},
      {"load.sizes", "string", "fixed (event.size), uniform:150..400 or lognormal:300:0.8"},
      {"load.payload", "string", "constant, text or random: how well it compresses"},
      {"scale.partitions", "list of whole numbers", "of the cells"},
      {"scale.parallelism", "list of whole numbers", "of the cells"},
      {"scale.cross", "true or false",
       "every partitions with every parallelism; else one factor at a time"},
      {"scale.rate", "number",
       "events per second in every cell, for load.step; 0: more than any cell can do"},
      {"scale.repetitions", "whole number",
       "of each cell, in random order; the universal scalability law needs 3"},
      {"faults.kinds", "list of strings",
       "engine:kill, stop, pause, zombie; broker:kill, pause; producer:kill; link:cut, delay, "
       "throttle; sink:slow; event:poison; checkpoint:lose; disk:full; executor:kill; worker:kill; "
       "or the name of a fault of yours"},
      {"faults.repetitions", "whole number", "of each kind"},
      {"faults.rate", "number",
       "events per second under which faults hit; 0: half the sustainable rate"},
      {"faults.assure", "string",
       "content/confidence in percent, e.g. \"95/95\": sets how many repetitions"},
      {"faults.pause", "span of time",
       "how long faults of the kinds pause, zombie, link, sink:slow and disk:full last"},
      {"faults.cut", "string",
       "link:cut: reset ends every connection; blackhole lets nothing pass and tells nobody"},
      {"faults.delay", "span of time",
       "link:delay: of every byte, each way; sink:slow: of every Produce request"},
      {"faults.throttle", "number",
       "link:throttle: bytes per second each way; 0: half of what usually passes"},
      {"faults.restart_delay", "span of time", "between noticing a death and restarting"},
      {"faults.stop_if", "list of strings", "conditions that end a fault early"},
      {"faults.named", "table of faults",
       "commands of yours as faults, each with target, do, check, undo, hold_s and max_s"},
  };
  return all;
}

std::string plan_value(const Plan& plan, const std::string& path) {
  const size_t dot = path.find('.');
  const std::string wanted = dot == std::string::npos ? "" : path.substr(0, dot);
  const std::string name = dot == std::string::npos ? path : path.substr(dot + 1);
  const std::string text = plan_text(plan);
  std::string section;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("["))
      section = line.substr(1, line.size() - 2);
    else if (section == wanted && line.starts_with(name + " = "))
      return line.substr(name.size() + 3);
  }
  return {};
}

std::map<std::string, int> plan_lines(std::string_view toml) {
  std::map<std::string, int> lines;
  try {
    note_lines(toml::parse(toml), "", lines);
  } catch (const toml::parse_error&) {
  }
  return lines;
}

std::string environment_name(const std::string& path) {
  std::string name = "WEIR_";
  for (const char c : path)
    name += c == '.' ? '_' : char(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

}  // namespace weir::lab
