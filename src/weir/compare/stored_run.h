// A run's folder as comparisons and trends need it: what it found, on which machine, by which plan.
// Thread: any.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/lab/plan.h"
#include "weir/run/results.h"

namespace weir::compare {

// What must be equal for two runs' numbers to differ for one reason only. Keys: those of the plan
// ("engine.trigger"), "machine.cpu", "version.weir" and the like.
using Fingerprint = std::map<std::string, std::string>;

struct StoredRun {
  std::string path;
  run::RunResult result;
  lab::Plan plan;
  Fingerprint fingerprint;
};
// kNotFound when there is no run, kCorrupt when its files cannot be read.
Result<StoredRun> read_stored_run(const std::string& path);

// Every folder below `path` that holds a result.json: itself, its children, and the children of
// their "runs" (a comparison's); links such as latest are left out. Sorted by path.
std::vector<std::string> find_runs(const std::string& path);

Fingerprint fingerprint_of(const run::RunResult& result, const lab::Plan& plan,
                           std::string_view machine_json);
// A short name of it: the first digits of the SHA-256 of its lines.
std::string digest_of(const Fingerprint& fingerprint);

struct Difference {
  std::string key, before, after;  // the values of either side; several are joined with " | "
  bool allowed = false;
};
// Keys whose values are not the same in all runs of both sides. `allowed` where `allow` names the
// key, or a beginning of it up to a dot ("engine" allows "engine.trigger").
std::vector<Difference> differences(const std::vector<StoredRun>& before,
                                    const std::vector<StoredRun>& after,
                                    const std::vector<std::string>& allow);
// kUsage that lists what is not allowed; OK when nothing is left.
Status refuse_unlike(const std::vector<Difference>& differences);

}  // namespace weir::compare
