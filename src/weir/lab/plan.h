// What a run is to measure: the plan file (schema weir.plan/1), its defaults and overrides.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"

namespace weir::lab {

struct Plan {
  std::vector<std::string> experiments{"load", "scale", "faults"};
  Nanos budget = nanos_from_seconds(25 * 60);
  int64_t seed = 42;
  std::vector<std::string> objectives;

  std::string broker = "embedded", engine = "native";
  int64_t partitions = 4, replication = 1;
  int64_t event_size = 200;
  std::string identity = "event_id";

  std::string workload = "metrics";
  Nanos trigger = nanos_from_seconds(1);
  int64_t parallelism = 2;

  bool search = true;
  std::vector<double> rates;            // fixed steps instead of a search
  Nanos step = nanos_from_seconds(60);  // measured length of a step, after warm-up
  int64_t producers = 1;                // generator threads

  std::vector<int64_t> scale_partitions{1, 2, 4}, scale_parallelism{1, 2};

  std::vector<std::string> fault_kinds{"engine:kill", "broker:kill"};
  int64_t repetitions = 5;
  double fault_rate = 0;  // events per second; 0: half the sustainable rate found

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
