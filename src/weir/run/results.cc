#include "weir/run/results.h"

#include <nlohmann/json.hpp>

namespace weir::run {
namespace {

using Json = nlohmann::ordered_json;

// One walk over a struct's fields, in the order of the file, serves writing and reading.
void walk(auto& w, Estimate& m) {
  w("estimate", m.estimate), w("low", m.low), w("high", m.high), w("level", m.level);
  w("n", m.n), w("method", m.method), w("why", m.why);
}
void walk(auto& w, Latency& m) {
  w("p50", m.p50), w("p95", m.p95), w("p99", m.p99), w("p999", m.p999), w("max", m.max);
  w("mean", m.mean), w("events", m.events), w("batches", m.batches);
  w("censored", m.censored), w("why", m.why);
}
void walk(auto& w, Stages& m) {
  w("late_at_source", m.late_at_source), w("into_broker", m.into_broker);
  w("waiting_for_batch", m.waiting_for_batch), w("computing", m.computing);
  w("becoming_visible", m.becoming_visible);
}
void walk(auto& w, Cadence& m) {
  w("batches", m.batches), w("trigger_ms", m.trigger_ms);
  w("mean_duration_ms", m.mean_duration_ms), w("ratio", m.ratio);
  w("ratio_low", m.ratio_low), w("ratio_high", m.ratio_high);
}
void walk(auto& w, Drift& m) { w("relative", m.relative), w("low", m.low), w("high", m.high); }
void walk(auto& w, Warning& m) {
  w("code", m.code), w("where", m.where), w("effect", m.effect), w("remedy", m.remedy);
}
void walk(auto& w, Naive& m) {
  w("batches", m.batches), w("throughput_eps", m.throughput_eps), w("mean_ms", m.mean_ms);
  w("p50_ms", m.p50_ms), w("p95_ms", m.p95_ms), w("p99_ms", m.p99_ms);
  w("p95_max_ms", m.p95_max_ms);
}
void walk(auto& w, Limit& m) { w("side", m.side), w("share", m.share), w("evidence", m.evidence); }
void walk(auto& w, Surroundings& m) {
  w("others_cores", m.others_cores), w("stolen_cores", m.stolen_cores);
}
void walk(auto& w, Step& m) {
  w("label", m.label), w("folder", m.folder), w("purpose", m.purpose);
  w("started", m.started);
  w("warmup_s", m.warmup_s), w("warmup", m.warmup), w("measured_s", m.measured_s);
  w("looks", m.looks);
  w("partitions", m.partitions), w("parallelism", m.parallelism), w("workload", m.workload);
  w("offered_eps", m.offered_eps), w("sent_eps", m.sent_eps), w("acked_eps", m.acked_eps);
  w("processed_eps", m.processed_eps), w("latency_ms", m.latency), w("stages_ms", m.stages);
  w("intervals", m.intervals);
  w("cadence", m.cadence), w("drift", m.drift);
  w("send_lag_p50_ms", m.send_lag_p50_ms), w("send_lag_p99_ms", m.send_lag_p99_ms);
  w("send_lag_max_ms", m.send_lag_max_ms), w("backlog_end", m.backlog_end);
  w("send_lag_shift", m.send_lag_shift);
  w("refused", m.refused), w("late", m.late), w("cpu_seconds", m.cpu_seconds);
  w("surroundings", m.surroundings);
  w("verdict", m.verdict), w("reason", m.reason), w("limited_by", m.limited_by);
  w("limits", m.limits), w("audit", m.audit), w("naive", m.naive), w("why", m.why);
}
void walk(auto& w, Probe& m) {
  w("purpose", m.purpose), w("rate_eps", m.rate_eps), w("verdict", m.verdict);
  w("reason", m.reason), w("processed_eps", m.processed_eps), w("met", m.met);
  w("looks", m.looks), w("folder", m.folder);
}
void walk(auto& w, DrainTime& m) { w("outage_s", m.outage_s), w("drain_s", m.drain_s); }
void walk(auto& w, SizingRow& m) {
  w("share", m.share), w("rate_eps", m.rate_eps), w("headroom", m.headroom);
  w("drains", m.drains);
}
void walk(auto& w, Sizing& m) {
  w("capacity_eps", m.capacity_eps), w("method", m.method), w("rows", m.rows);
}
void walk(auto& w, Load& m) {
  w("steps", m.steps), w("sustainable_eps", m.sustainable_eps);
  w("capacity_eps", m.capacity_eps), w("limited_by", m.limited_by), w("until", m.until);
  w("first_guess_eps", m.first_guess_eps), w("probes", m.probes), w("sizing", m.sizing);
  w("not_measured", m.not_measured);
}
void walk(auto& w, LawPoint& m) {
  w("n", m.n), w("low", m.low), w("estimate", m.estimate), w("high", m.high);
}
void walk(auto& w, ScaleFit& m) {
  w("law", m.law), w("lambda_eps", m.lambda_eps), w("sigma", m.sigma), w("kappa", m.kappa);
  w("runs", m.runs), w("n_min", m.n_min), w("n_max", m.n_max), w("n_limit", m.n_limit);
  w("peak_n", m.peak_n), w("curve", m.curve), w("left_out", m.left_out), w("note", m.note);
  w("refused", m.refused);
}
void walk(auto& w, CellSearch& m) {
  w("partitions", m.partitions), w("parallelism", m.parallelism), w("load", m.load);
}
void walk(auto& w, Scale& m) {
  w("cells", m.cells), w("searches", m.searches);
  w("not_measured", m.not_measured), w("cores", m.cores);
  w("limited_by", m.limited_by), w("cores_note", m.cores_note), w("fit", m.fit);
}
void walk(auto& w, Fault& m) {
  w("kind", m.kind), w("target", m.target), w("label", m.label), w("folder", m.folder);
  w("started", m.started), w("repetition", m.repetition), w("phase", m.phase);
  w("offered_eps", m.offered_eps), w("injected_at_s", m.injected_at_s);
  w("silent_from_s", m.silent_from_s), w("noticed_s", m.noticed_s);
  w("restarted_s", m.restarted_s), w("first_output_s", m.first_output_s);
  w("rate_regained_s", m.rate_regained_s), w("drained_s", m.drained_s);
  w("in_band_s", m.in_band_s), w("gap_s", m.gap_s);
  w("gap_minus_trigger_s", m.gap_minus_trigger_s), w("peak_backlog", m.peak_backlog);
  w("excess_latency_event_s", m.excess_latency_event_s), w("late_events", m.late_events);
  w("late_than_ms", m.late_than_ms), w("repeated_events", m.repeated_events);
  w("reread_events", m.reread_events), w("poisoned", m.poisoned), w("malformed", m.malformed);
  w("drain_s", m.drain_s);
  w("drain_predicted_s", m.drain_predicted_s);
  w("proof", m.proof), w("surroundings", m.surroundings), w("audit", m.audit), w("valid", m.valid),
      w("reason", m.reason);
  w("why", m.why);
}
void walk(auto& w, Assurance& m) {
  w("faults", m.faults), w("with_loss", m.with_loss), w("chance_below", m.chance_below);
  w("confidence", m.confidence), w("meaning", m.meaning);
}
void walk(auto& w, Faults& m) {
  w("faults", m.faults), w("summary", m.summary), w("not_measured", m.not_measured);
  w("assurance", m.assurance), w("timeouts", m.timeouts), w("stopped", m.stopped);
}
void walk(auto& w, Objective& m) { w("expr", m.expr), w("measured", m.measured), w("met", m.met); }
void walk(auto& w, Target& m) {
  w("broker", m.broker), w("engine", m.engine), w("workload", m.workload);
  w("guarantee", m.guarantee), w("durable", m.durable), w("versions", m.versions);
  w("settings", m.settings);
}
void walk(auto& w, Ceilings& m) {
  w("generator_eps", m.generator_eps), w("observer_eps", m.observer_eps);
  w("measured", m.measured), w("cached", m.cached), w("why", m.why);
}
struct Exit {
  std::optional<int> code;
  std::string reason;
};
void walk(auto& w, Exit& m) { w("code", m.code), w("reason", m.reason); }
void walk(auto& w, RunResult& m) {
  std::string schema = "weir.result/1";
  w("schema", schema), w("id", m.id), w("experiment", m.experiment), w("target", m.target);
  w("command", m.command), w("started", m.started), w("duration_s", m.duration_s);
  w("plan_sha256", m.plan_sha256), w("quick", m.quick), w("full", m.full);
  w("budget_s", m.budget_s), w("resumed", m.resumed), w("trigger_ms", m.trigger_ms);
  w("valid", m.valid);
  Exit exit{m.exit_code, m.exit_reason};
  w("exit", exit);
  m.exit_code = exit.code;
  m.exit_reason = exit.reason;
  w("findings", m.findings), w("objectives", m.objectives), w("warnings", m.warnings);
  w("ceilings", m.ceilings);
  w("load", m.load), w("scale", m.scale), w("faults", m.faults);
}

struct Writer {
  Json out = Json::object();
  template <class T>
  void operator()(const char* key, T& value) {
    if constexpr (std::same_as<T, Reasons>) {
      if (!value.empty()) out[key] = value;
    } else {
      out[key] = put(value);
    }
  }
  template <class T>
  static Json put(T& value) {
    if constexpr (std::same_as<T, AuditReport>) {
      Json json = Json::parse(weir::to_json(value), nullptr, false);
      for (const char* lists : {"lost_ids", "duplicated_ids", "reordered_ids"}) json.erase(lists);
      return json;
    } else if constexpr (requires { value.has_value(); }) {
      return value ? put(*value) : Json(nullptr);
    } else if constexpr (requires(Writer & w) { walk(w, value); }) {
      Writer inner;
      walk(inner, value);
      return std::move(inner.out);
    } else if constexpr (requires { typename T::mapped_type; }) {
      Json json = Json::object();
      for (auto& [name, item] : value) json[name] = put(item);
      return json;
    } else if constexpr (!std::same_as<T, std::string> && requires { value.begin(); }) {
      Json json = Json::array();
      for (auto& item : value) json.push_back(put(item));
      return json;
    } else {
      return Json(value);
    }
  }
};

struct Reader {
  const Json& in;
  std::string& wrong;  // the first key that had the wrong type
  template <class T>
  void operator()(const char* key, T& value) {
    if (auto found = in.find(key); found != in.end() && wrong.empty()) {
      if (!get(*found, value) && wrong.empty()) wrong = key;  // the innermost names itself first
    }
  }
  template <class T>
  bool get(const Json& json, T& value) {
    if constexpr (std::same_as<T, AuditReport>) {
      auto report = audit_from_json(json.dump());
      if (report) value = std::move(*report);
      return report.has_value();
    } else if constexpr (requires { value.has_value(); }) {
      if (json.is_null()) return value.reset(), true;
      return get(json, value.emplace());
    } else if constexpr (requires(Reader & r) { walk(r, value); }) {
      if (!json.is_object()) return false;
      Reader inner{json, wrong};
      walk(inner, value);
      return wrong.empty();
    } else if constexpr (requires { typename T::mapped_type; }) {
      if (!json.is_object()) return false;
      for (auto& [name, item] : json.items())
        if (!get(item, value[name])) return false;
      return true;
    } else if constexpr (std::same_as<T, std::string>) {
      if (!json.is_string()) return false;
      value = json.get<std::string>();
      return true;
    } else if constexpr (requires { value.emplace_back(); }) {
      if (!json.is_array()) return false;
      for (auto& item : json)
        if (!get(item, value.emplace_back())) return false;
      return true;
    } else if constexpr (std::same_as<T, bool>) {
      if (!json.is_boolean()) return false;
      value = json.get<bool>();
      return true;
    } else {
      if (!json.is_number()) return false;
      value = json.get<T>();
      return true;
    }
  }
};

template <class T>
std::string text_of(const T& value) {
  T copy = value;  // the walk takes its struct by reference for reading's sake
  return Writer::put(copy).dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

template <class T>
Result<T> element_from(std::string_view text, const char* what) {
  const Json json = Json::parse(text, nullptr, false);
  T element;
  std::string wrong;
  Reader reader{json, wrong};
  if (json.is_object()) walk(reader, element);
  if (!json.is_object() || !wrong.empty())
    return fail(
        Code::kCorrupt, std::string("step.json does not tell of a ") + what,
        wrong.empty() ? "it is no JSON object" : "its field \"" + wrong + "\" has the wrong type");
  return element;
}

}  // namespace

std::string to_json(const RunResult& result) { return text_of(result); }
std::string to_json(const Step& step) { return text_of(step); }
std::string to_json(const Fault& fault) { return text_of(fault); }

Result<Step> step_from_json(std::string_view text) { return element_from<Step>(text, "step"); }
Result<Fault> fault_from_json(std::string_view text) { return element_from<Fault>(text, "fault"); }

Result<RunResult> result_from_json(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || json.value("schema", Json()) != Json("weir.result/1"))
    return fail(Code::kCorrupt, "result.json is not a weir result",
                "it is no JSON object with \"schema\": \"weir.result/1\"",
                "point at the folder of a run, or run the newer weir that wrote it");
  RunResult result;
  std::string wrong;
  Reader reader{json, wrong};
  walk(reader, result);
  if (!wrong.empty())
    return fail(Code::kCorrupt, "result.json cannot be read",
                "its field \"" + wrong + "\" has the wrong type");
  return result;
}

}  // namespace weir::run
