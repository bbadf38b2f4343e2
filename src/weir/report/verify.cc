#include "weir/report/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "weir/base/sha256.h"

namespace weir::report {
namespace {

using nlohmann::json;

constexpr double kRelative = 1e-9, kAbsolute = 1e-9;

// Words about a number, not numbers: they may be put better by a later version.
bool is_prose(const std::string& key) {
  static const std::set<std::string> keys{"reason",     "why",    "proof",  "guarantee",
                                          "limited_by", "method", "warmup", "verdict_reason"};
  return keys.contains(key);
}

bool agree(const json& stored, const json& computed) {
  if (stored.is_number() && computed.is_number()) {
    const double a = stored.get<double>(), b = computed.get<double>();
    return std::abs(a - b) <= kAbsolute + kRelative * std::max(std::abs(a), std::abs(b));
  }
  return stored == computed;
}

void compare(const std::string& where, const json& stored, const json& computed,
             Verification& found) {
  if (stored.is_object() && computed.is_object()) {
    for (const auto& [key, value] : stored.items()) {
      if (is_prose(key)) continue;
      const auto other = computed.find(key);
      compare(where + (where.empty() || where.ends_with(": ") ? "" : ".") + key, value,
              other == computed.end() ? json() : *other, found);
    }
    return;
  }
  if (stored.is_array() && computed.is_array() && stored.size() == computed.size()) {
    for (size_t i = 0; i < stored.size(); ++i)
      compare(fmt::format("{}[{}]", where, i), stored[i], computed[i], found);
    return;
  }
  ++found.numbers;
  if (!agree(stored, computed)) found.mismatches.push_back({where, stored.dump(), computed.dump()});
}

void check_manifest(const run::Folder& folder, Verification& found) {
  const auto text = folder.read("manifest.json");
  if (!text) {
    found.missing.push_back("manifest.json: the run broke off before it was sealed");
    return;
  }
  const json manifest = json::parse(*text, nullptr, false);
  const auto digests = manifest.is_object() ? manifest.find("sha256") : manifest.end();
  if (!manifest.is_object() || digests == manifest.end() || !digests->is_object()) {
    found.mismatches.push_back({"manifest.json", "unreadable", "an object of digests"});
    return;
  }
  for (const auto& [name, digest] : digests->items()) {
    ++found.files;
    const std::string now = folder.sha256_of(name).value_or("no such file");
    if (digest != now)
      found.mismatches.push_back(
          {name, digest.is_string() ? digest.get<std::string>() : digest.dump(), now});
  }
  if (const auto files = folder.files())
    for (const auto& name : *files)
      if (!digests->contains(name))
        found.mismatches.push_back({name, "not in the manifest", "a file of the run"});
}

// step.json holds one element of result.json's lists; read it as a result of nothing else.
Result<run::RunResult> as_result(const json& element, bool fault) {
  json wrapped{{"schema", "weir.result/1"}};
  if (fault)
    wrapped["faults"]["faults"] = json::array({element});
  else
    wrapped["load"]["steps"] = json::array({element});
  return run::result_from_json(wrapped.dump());
}

void check_step(const run::Folder& folder, const std::string& relative, const Recompute& recompute,
                Verification& found) {
  const auto text = folder.read(relative + "/step.json");
  if (!text) {
    found.missing.push_back(relative + ": the run broke off before it was judged");
    return;
  }
  ++found.steps;
  const json stored = json::parse(*text, nullptr, false);
  const bool fault = stored.is_object() && stored.contains("kind");
  const auto parsed = as_result(stored, fault);
  if (!parsed) {
    found.mismatches.push_back({relative + "/step.json", "unreadable", to_text(parsed.error())});
    return;
  }
  const std::string path = folder.path() + "/" + relative;
  Result<std::string> computed;
  if (fault)
    computed = recompute.fault(path, parsed->faults->faults[0]).map([](const run::Fault& f) {
      return run::to_json(f);
    });
  else
    computed = recompute.step(path, parsed->load->steps[0]).map([](const run::Step& s) {
      return run::to_json(s);
    });
  if (!computed)
    found.mismatches.push_back({relative, "measured", to_text(computed.error())});
  else
    compare_json(relative + ": ", *text, *computed, found);
}

// An element of result.json against the step.json that its folder holds. `only`: the keys to
// compare.
void check_element(const run::Folder& folder, const std::string& where, const json& element,
                   const std::set<std::string>& only, Verification& found) {
  const auto name = element.find("folder");
  if (name == element.end() || !name->is_string()) return;
  const auto text = folder.read(name->get<std::string>() + "/step.json");
  if (!text) return;  // named missing already
  const json step = json::parse(*text, nullptr, false);
  json part;
  for (const auto& [key, value] : element.items())
    if (only.empty() || only.contains(key)) part[key] = value;
  compare("result.json: " + where, part, step, found);
}

void check_objectives(const run::Folder& folder, const run::RunResult& result,
                      const Recompute& recompute, Verification& found) {
  const auto plan = folder.read("plan.toml");
  if (!plan || !result.exit_code) return;  // judged when the run ends
  const auto objectives = recompute.objectives(*plan, result);
  if (!objectives) {
    found.mismatches.push_back({"plan.toml", "objectives", to_text(objectives.error())});
    return;
  }
  run::RunResult stored, computed;
  stored.objectives = result.objectives, computed.objectives = *objectives;
  compare("result.json: objectives", json::parse(run::to_json(stored))["objectives"],
          json::parse(run::to_json(computed))["objectives"], found);
}

// A probe tells what its last look told; the answer of the search follows from its probes. `where`
// is the search's place in result.json.
void check_search(const std::string& where, const run::Load& load, const Recompute& recompute,
                  Verification& found) {
  if (load.probes.empty()) return;
  for (const auto& probe : load.probes)
    for (const auto& step : load.steps) {
      if (step.folder != probe.folder) continue;
      ++found.numbers;
      // A figure that `until` needs and the step has not makes the probe undecided.
      const bool same = step.verdict == probe.verdict ||
                        (!load.until.empty() && !probe.met && probe.verdict == "undecided");
      if (!same)
        found.mismatches.push_back(
            {where + ".probes " + probe.folder, probe.verdict, step.verdict});
    }
  const auto again = recompute.search(load);
  if (!again) {
    found.mismatches.push_back({where + ".probes", "a search", to_text(again.error())});
    return;
  }
  run::RunResult stored, computed;
  stored.load.emplace(), computed.load.emplace();
  stored.load->sustainable_eps = load.sustainable_eps;
  computed.load->sustainable_eps = again->sustainable_eps;
  // Reckoned at the end of the load part, which a run that broke off may not have come to.
  if (!load.sizing.method.empty())
    stored.load->sizing = load.sizing, computed.load->sizing = again->sizing;
  compare(where, json::parse(run::to_json(stored))["load"],
          json::parse(run::to_json(computed))["load"], found);
}

// The answer of a search is the rate of one of its steps that keeps up.
void check_sustainable(const std::string& where, const run::Load& load, Verification& found) {
  if (!load.sustainable_eps.estimate) return;
  ++found.numbers;
  const double estimate = *load.sustainable_eps.estimate;
  double best = 0;
  for (const auto& step : load.steps)
    if (step.verdict == "keeps_up" && step.offered_eps) {
      if (std::abs(*step.offered_eps - estimate) <= 1) return;  // rates are whole when offered
      best = std::max(best, *step.offered_eps);
    }
  found.mismatches.push_back(
      {where + ".sustainable_eps.estimate", fmt::format("{}", estimate),
       best > 0 ? fmt::format("{} is the highest that keeps up", best) : "no step keeps up"});
}

void check_result(const run::Folder& folder, const run::RunResult& result, const json& stored,
                  const Recompute& recompute, Verification& found) {
  if (const auto plan = folder.read("plan.toml")) {
    ++found.numbers;
    if (sha256_hex(*plan) != result.plan_sha256)
      found.mismatches.push_back(
          {"result.json: plan_sha256", result.plan_sha256, sha256_hex(*plan)});
  }
  const auto each = [&](const json& list, const std::string& where,
                        const std::set<std::string>& only) {
    for (const auto& element : list)
      if (element.is_object())
        check_element(folder, where + " " + element.value("label", ""), element, only, found);
  };
  const auto list_of = [](const json& from, std::initializer_list<const char*> path) {
    const json* at = &from;
    for (const char* key : path) {
      const auto next = at->is_object() ? at->find(key) : at->end();
      if (!at->is_object() || next == at->end()) return json::array();
      at = &*next;
    }
    return *at;
  };
  each(list_of(stored, {"load", "steps"}), "load", {});
  // A cell joins two steps: the rate is of the overload step, what is below of the calm one.
  each(list_of(stored, {"scale", "cells"}), "scale", {"latency_ms", "verdict"});
  each(list_of(stored, {"faults", "faults"}), "faults", {});
  const auto search = [&](const std::string& where, const run::Load& load) {
    check_sustainable(where, load, found);
    check_search(where, load, recompute, found);
  };
  if (result.load) search("result.json: load", *result.load);
  const json searches = list_of(stored, {"scale", "searches"});
  for (size_t i = 0; result.scale && i < result.scale->searches.size(); ++i) {
    const std::string where = fmt::format("scale.searches[{}].load", i);
    each(list_of(searches[i], {"load", "steps"}), where, {});
    search("result.json: " + where, result.scale->searches[i].load);
  }
  check_objectives(folder, result, recompute, found);
}

}  // namespace

void compare_json(const std::string& where, std::string_view stored, std::string_view computed,
                  Verification& found) {
  compare(where, json::parse(stored, nullptr, false), json::parse(computed, nullptr, false), found);
}

Result<Verification> verify(const run::Folder& folder, const Recompute& recompute) {
  Verification found;
  const std::string text = WEIR_TRY_IN(folder.path(), folder.read("result.json"));
  const run::RunResult result = WEIR_TRY_IN("result.json", run::result_from_json(text));
  if (!result.exit_code) found.missing.push_back("result.json: the run did not finish");
  check_manifest(folder, found);
  std::error_code error;
  std::vector<std::string> steps;
  for (std::filesystem::directory_iterator at(folder.path() + "/steps", error), end;
       !error && at != end; at.increment(error))
    steps.push_back("steps/" + at->path().filename().string());
  std::sort(steps.begin(), steps.end());
  for (const auto& step : steps) check_step(folder, step, recompute, found);
  check_result(folder, result, json::parse(text, nullptr, false), recompute, found);
  return found;
}

}  // namespace weir::report
