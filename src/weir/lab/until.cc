#include "weir/lab/until.h"

#include <fmt/format.h>

#include <algorithm>

#include "weir/lab/objectives.h"

namespace weir::lab {
namespace {

// Of a rate it can be asked what grows with the load.
constexpr const char* kFigures[] = {"p50_ms", "p95_ms", "p99_ms",     "p999_ms",
                                    "max_ms", "lost",   "duplicated", "pending"};

}  // namespace

Status check_until(const std::vector<std::string>& until) {
  for (const auto& expr : until) {
    const Requirement bound = WEIR_TRY_IN("load.until", parse_requirement(expr));
    if (std::find(std::begin(kFigures), std::end(kFigures), bound.figure) == std::end(kFigures))
      return fail(Code::kUsage, "load.until cannot name " + bound.figure,
                  "it must be a figure of a single step that grows with the load",
                  fmt::format("use one of {}", fmt::join(kFigures, ", ")));
    if (!bound.relation.starts_with("<"))
      return fail(Code::kUsage, "load.until \"" + expr + "\" is no upper bound",
                  "the search goes up until something is exceeded",
                  "write for example \"p99_ms <= 250\"");
  }
  return {};
}

std::optional<bool> meets(const run::Step& step, const std::vector<std::string>& until,
                          std::string& why) {
  bool known = true;
  for (const auto& expr : until) {
    const auto bound = parse_requirement(expr);
    const MeasuredFigure figure = bound ? measure_step(step, bound->figure) : MeasuredFigure();
    const auto met = bound ? fate_of(*bound, figure) : std::nullopt;
    if (met && !*met) {
      why = fmt::format("\"{}\" is missed: {:.6g}", expr, *figure.value);
      return false;  // one that is missed is enough
    }
    if (met) continue;
    known = false;
    why = fmt::format("\"{}\" cannot be told", expr);
    if (figure.value && figure.low && figure.high)
      why += fmt::format(": {:.6g} to {:.6g}", *figure.low, *figure.high);
    else if (step.latency && bound)
      for (const auto& [key, reason] : step.latency->why)
        if (key + "_ms" == bound->figure) why += ": " + reason;
  }
  if (!known) return std::nullopt;
  return true;
}

}  // namespace weir::lab
