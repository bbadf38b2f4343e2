// What a run is to measure: the plan file (schema weir.plan/1), its defaults and overrides.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"

namespace weir::lab {

// A fault by the user's own commands, run by sh: [faults.named.NAME], used as the kind TARGET:NAME.
struct NamedFault {
  std::string target;         // "broker", "engine", "link": the part of the kind before the colon
  std::string do_command;     // begins it
  std::string check_command;  // ends with 0 while it is in effect
  std::string undo_command;   // ends it; must be safe also when do did nothing yet
  Nanos hold;                 // how long it is left in effect once that was proved
  Nanos max = nanos_from_seconds(60);  // undone so long after do began, whatever else happens
};

struct Plan {
  std::vector<std::string> experiments{"load", "scale", "faults"};
  Nanos budget = nanos_from_seconds(25 * 60);  // 0: none, everything in full
  int64_t seed = 42;
  std::vector<std::string> objectives;

  std::string broker = "embedded";  // embedded | apache | host:port[,host:port]
  std::string engine = "native";    // native | spark | seed | external
  std::string target_cores;         // of broker and engine; empty: they share all with weir
  std::string command_config;       // a client's properties file, as Kafka's own tools take it
  int64_t partitions = 4, replication = 1;
  int64_t event_size = 200;
  std::string identity = "event_id";  // event_id | header:NAME | json:/path | none
  std::string event_template;         // file with the user's own event; empty: weir's

  std::string workload = "metrics";
  Nanos trigger = nanos_from_seconds(1);
  int64_t parallelism = 2;
  double cpu_us = 0, wait_us = 0;  // added to each event: CPU used, time waited (weir stream)

  // --engine spark and seed
  std::string master;                       // of spark-submit; empty: local[parallelism]
  std::string connect;                      // sc://host:port of a running server; empty: weir's own
  std::string driver_memory = "1g";         // of the server that weir starts
  std::map<std::string, std::string> conf;  // spark-submit's --conf

  // --engine external: commands run by sh, and what the engine reads and writes
  std::string start, stop, kill, ready;
  std::string input_topic, output_topic;  // empty: weir makes its own for each step
  std::string progress = "output";        // output | group:ID | checkpoint:PATH | command:CMD

  bool search = true;
  std::vector<double> rates;            // fixed steps instead of a search
  std::vector<std::string> until;       // what a rate must meet besides keeping up
  Nanos warmup;                         // of a step; 0: as long as the method asks
  Nanos step = nanos_from_seconds(60);  // measured length of a step, after warm-up
  int64_t producers = 1;                // generator threads of each process
  int64_t processes = 1;                // generator processes, each with its share of the load
  // Grammars: load/arrivals.h and load/content.h.
  std::string schedule = "constant", keys = "round_robin", sizes = "fixed", payload = "constant";

  std::vector<int64_t> scale_partitions{1, 2, 4}, scale_parallelism{1, 2};
  bool scale_cross = false;  // each partitions with each parallelism
  double scale_rate = 0;     // events per second in each cell; 0: more than any can do
  int64_t scale_repetitions = 1;

  std::vector<std::string> fault_kinds{"engine:kill", "broker:kill"};
  int64_t repetitions = 5;
  double fault_rate = 0;  // events per second; 0: half the sustainable rate found
  std::string assure;     // "95/95": content and confidence; sets how many repetitions
  Nanos pause = nanos_from_millis(1500);           // of pause, zombie, link, sink, disk faults
  std::string link_cut = "reset";                  // reset | blackhole
  Nanos link_delay = nanos_from_millis(100);       // of link:delay each way, of sink:slow
  double link_throttle = 0;                        // bytes per second; 0: half of the usual
  Nanos restart_delay;                             // between noticing a death and restarting
  std::vector<std::string> stop_if;                // stop_conditions.h
  std::map<std::string, NamedFault> named_faults;  // by NAME

  // weir's own broker and engine: ready and warm at once, and fresh for each step.
  bool is_embedded() const { return broker == "embedded" && engine == "native"; }
  // Nothing is left out or shortened for the sake of time (but in quick mode, which says so
  // itself).
  bool is_full() const { return budget.value == 0; }

  std::vector<std::string> given;  // keys that the file or --set named
  bool is_given(const std::string& key) const;
};

// Reads plan text onto `plan`. kUsage names line and column, and the nearest key for an unknown
// one.
Status read_plan(std::string_view toml, const std::string& name, Plan& plan);
// One --set key=value; the value is TOML, or else taken as a string.
Status set_key(const std::string& assignment, Plan& plan);
// Whether the values make sense together; kUsage when not.
Status check_plan(const Plan& plan);
// The whole plan as TOML, every key.
std::string plan_text(const Plan& plan);

}  // namespace weir::lab
