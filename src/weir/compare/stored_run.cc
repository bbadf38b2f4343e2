#include "weir/compare/stored_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "weir/base/sha256.h"
#include "weir/lab/plan_keys.h"
#include "weir/run/folder.h"

namespace weir::compare {
namespace {

namespace fs = std::filesystem;

// Keys that change how long or how often is measured, what is asked of the result, or how a cluster
// is reached; not what is measured.
bool is_about_asking(const std::string& key) {
  static const std::set<std::string> keys = {
      "experiments",        "budget",        "seed",          "objectives", "target.command_config",
      "faults.repetitions", "faults.assure", "faults.stop_if"};
  return keys.contains(key);
}

bool concerns(const std::string& key, const run::RunResult& result) {
  if (key.starts_with("load.")) return result.load.has_value();
  if (key.starts_with("scale.")) return result.scale.has_value();
  if (key.starts_with("faults.")) return result.faults.has_value();
  return true;
}

std::string text_of(const nlohmann::json& machine, const char* key) {
  const auto found = machine.find(key);
  if (found == machine.end()) return "not said";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::string joined(const std::set<std::string>& values) {
  std::string text;
  for (const auto& value : values) text += (text.empty() ? "" : " | ") + value;
  return text.empty() ? "not said" : text;
}

std::set<std::string> values_of(const std::vector<StoredRun>& runs, const std::string& key) {
  std::set<std::string> values;
  for (const auto& run : runs) {
    const auto found = run.fingerprint.find(key);
    values.insert(found == run.fingerprint.end() ? "not said" : found->second);
  }
  return values;
}

bool is_allowed(const std::string& key, const std::vector<std::string>& allow) {
  return std::any_of(allow.begin(), allow.end(), [&](const std::string& each) {
    return key == each || key.starts_with(each + ".");
  });
}

}  // namespace

Result<StoredRun> read_stored_run(const std::string& path) {
  StoredRun stored;
  stored.path = path;
  const auto folder = WEIR_TRY(run::Folder::open(path));
  stored.result = WEIR_TRY_IN(path, run::result_from_json(WEIR_TRY(folder.read("result.json"))));
  const auto plan = WEIR_TRY(folder.read("plan.toml"));
  WEIR_TRY_IN(path, lab::read_plan(plan, "plan.toml", stored.plan));
  const auto machine = WEIR_TRY(folder.read("machine.json"));
  stored.fingerprint = fingerprint_of(stored.result, stored.plan, machine);
  return stored;
}

std::vector<std::string> find_runs(const std::string& path) {
  std::vector<std::string> found;
  std::error_code error;
  const auto is_run = [&](const fs::path& folder) {
    return fs::exists(folder / "result.json", error);
  };
  if (is_run(path)) return {path};
  const auto add_children = [&](const fs::path& folder, const auto& also) {
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      if (at->is_symlink(error) || !at->is_directory(error)) continue;
      if (is_run(at->path()))
        found.push_back(at->path().string());
      else
        also(at->path());
    }
    error.clear();
  };
  const auto nothing = [](const fs::path&) {};
  add_children(path, [&](const fs::path& child) { add_children(child / "runs", nothing); });
  if (fs::path(path).filename() != "runs") add_children(fs::path(path) / "runs", nothing);
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

Fingerprint fingerprint_of(const run::RunResult& result, const lab::Plan& plan,
                           std::string_view machine_json) {
  Fingerprint found;
  for (const auto& key : lab::plan_keys())
    if (!is_about_asking(key.path) && concerns(key.path, result))
      found[key.path] = lab::plan_value(plan, key.path);
  found["mode"] = result.quick ? "quick" : "full";
  found["durable"] = result.target.durable ? "yes" : "no";
  for (const auto& [name, version] : result.target.versions) found["version." + name] = version;
  const auto machine = nlohmann::json::parse(machine_json, nullptr, false);
  if (!machine.is_object()) return found;
  found["version.weir"] = text_of(machine, "weir");
  found["version.kernel"] = text_of(machine, "kernel");
  found["machine.cpu"] = text_of(machine, "cpu");
  found["machine.cores"] = text_of(machine, "cores");
  if (const auto memory = machine.find("memory_bytes");
      memory != machine.end() && memory->is_number())
    found["machine.memory_gib"] = fmt::format("{:.0f}", memory->get<double>() / (1 << 30));
  return found;
}

std::string digest_of(const Fingerprint& fingerprint) {
  std::string lines;
  for (const auto& [key, value] : fingerprint) lines += key + "=" + value + "\n";
  return sha256_hex(lines).substr(0, 16);
}

std::vector<Difference> differences(const std::vector<StoredRun>& before,
                                    const std::vector<StoredRun>& after,
                                    const std::vector<std::string>& allow) {
  std::set<std::string> keys;
  for (const auto* side : {&before, &after})
    for (const auto& run : *side)
      for (const auto& [key, value] : run.fingerprint) keys.insert(key);
  std::vector<Difference> found;
  for (const auto& key : keys) {
    const auto a = values_of(before, key), b = values_of(after, key);
    if (a.size() == 1 && a == b) continue;
    found.push_back({key, joined(a), joined(b), is_allowed(key, allow)});
  }
  return found;
}

Status refuse_unlike(const std::vector<Difference>& differences) {
  std::string list, allow;
  for (const auto& each : differences) {
    if (each.allowed) continue;
    list += fmt::format("\n  {}: {} against {}", each.key, each.before, each.after);
    allow += (allow.empty() ? "--allow " : " --allow ") + each.key;
  }
  if (list.empty()) return {};
  return fail(Code::kUsage, "the two sides are unlike; a change may come from:" + list,
              "numbers of unlike runs do not say what made them differ",
              "compare like runs, or name what you changed on purpose: " + allow + "; or --force");
}

}  // namespace weir::compare
