#include "weir/load/arrivals.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "weir/base/duration.h"
#include "weir/base/parse_number.h"

namespace weir::load {
namespace {

constexpr double kThousand = 1000;
constexpr int64_t kWeightMax = 1'000'000;  // 1000, in thousandths
constexpr size_t kStepsMax = 1000;
constexpr const char* kGrammar =
    "write constant, poisson, ramp:0.1..1, steps:0.25,0.5,1 or burst:4x/200ms/2s";

// A weight of 0 to 1000 in thousandths.
std::optional<int64_t> weight(std::string_view text) {
  const auto value = parse_number<double>(text);
  if (!value || !(*value >= 0 && *value * kThousand <= double(kWeightMax))) return std::nullopt;
  return std::llround(*value * kThousand);
}

std::string weight_text(int64_t thousandths) {
  return fmt::format("{}", double(thousandths) / kThousand);
}

std::vector<std::string_view> split(std::string_view text, std::string_view at) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t found = text.find(at);
    parts.push_back(text.substr(0, found));
    if (found == std::string_view::npos) return parts;
    text.remove_prefix(found + at.size());
  }
}

// The weights, or why they are none.
Result<std::vector<int64_t>> weights_of(const std::vector<std::string_view>& parts) {
  std::vector<int64_t> weights;
  for (const auto part : parts) {
    const auto one = weight(part);
    if (!one)
      return fail(Code::kUsage, "", fmt::format("\"{}\" is no number from 0 to 1000", part));
    weights.push_back(*one);
  }
  return weights;
}

Status parse_burst(std::string_view text, Arrivals& arrivals) {
  const auto parts = split(text, "/");
  if (parts.size() != 3 || !parts[0].ends_with('x'))
    return fail(Code::kUsage, "", "a burst has a factor, its length and its period");
  arrivals.weights = WEIR_TRY(weights_of({parts[0].substr(0, parts[0].size() - 1)}));
  const auto length = parse_duration(parts[1]), period = parse_duration(parts[2]);
  if (!length || !period || length->micros() <= 0 || *length >= *period ||
      *period > Arrivals::kLengthMax)
    return fail(Code::kUsage, "", "its length must be above 0 and below its period");
  arrivals.burst = nanos_from_micros(length->micros());  // as text() tells it
  arrivals.period = nanos_from_micros(period->micros());
  return {};
}

Status parse_form(std::string_view form, std::string_view numbers, Arrivals& arrivals) {
  using Kind = Arrivals::Kind;
  if (form == "ramp") {
    arrivals.kind = Kind::kRamp;
    const auto ends = split(numbers, "..");
    if (ends.size() != 2) return fail(Code::kUsage, "", "a ramp has a start and an end");
    arrivals.weights = WEIR_TRY(weights_of(ends));
  } else if (form == "steps") {
    arrivals.kind = Kind::kSteps;
    arrivals.weights = WEIR_TRY(weights_of(split(numbers, ",")));
    if (arrivals.weights.size() > kStepsMax)
      return fail(Code::kUsage, "", "it has more than 1000 steps");
  } else if (form == "burst") {
    arrivals.kind = Kind::kBurst;
    return parse_burst(numbers, arrivals);
  } else {
    return fail(Code::kUsage, "", "there is no such form");
  }
  const auto& weights = arrivals.weights;
  if (std::accumulate(weights.begin(), weights.end(), int64_t{0}) == 0)
    return fail(Code::kUsage, "", "all of its numbers are 0, so that nothing would be sent");
  return {};
}

}  // namespace

Result<Arrivals> Arrivals::parse(std::string_view text, const std::string& key) {
  Arrivals arrivals;
  if (text == "constant") return arrivals;
  if (text == "poisson") {
    arrivals.kind = Kind::kPoisson;
    return arrivals;
  }
  const size_t colon = text.find(':');
  const std::string_view numbers =
      colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  if (auto parsed = parse_form(text.substr(0, colon), numbers, arrivals); !parsed)
    return fail(Code::kUsage, fmt::format("{} cannot be \"{}\"", key, text), parsed.error().why,
                kGrammar);
  return arrivals;
}

std::string Arrivals::text() const {
  std::string list;
  switch (kind) {
    case Kind::kConstant:
      return "constant";
    case Kind::kPoisson:
      return "poisson";
    case Kind::kRamp:
      return "ramp:" + weight_text(weights[0]) + ".." + weight_text(weights[1]);
    case Kind::kSteps:
      for (const int64_t w : weights) list += (list.empty() ? "" : ",") + weight_text(w);
      return "steps:" + list;
    case Kind::kBurst:
      break;
  }
  return fmt::format("burst:{}x/{}/{}", weight_text(weights[0]), duration_text(burst),
                     duration_text(period));
}

}  // namespace weir::load
