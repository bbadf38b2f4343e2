#include "apps/weir/storyboard.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace weir::cli {
namespace {

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

std::string millis_cell(const run::Figure& value) {
  if (!value) return "-";
  return *value < 10 ? fmt::format("{:.1f} ms", *value) : fmt::format("{:.0f} ms", *value);
}

std::string seconds_cell(const run::Figure& value, const char* missing) {
  return value ? fmt::format("{:.1f} s", *value) : std::string(missing);
}

std::string verdict_words(const run::Step& step) {
  if (step.verdict == "keeps_up") return "keeps up";
  if (step.verdict == "falls_behind") return "falls behind";
  if (step.verdict == "invalid" && step.limited_by == "generator") return "generator late";
  return step.verdict;
}

const char* color_of(const std::string& verdict) {
  if (verdict == "keeps_up") return "32";
  if (verdict == "falls_behind" || verdict == "stretched") return "33";
  return "35";
}

// How the backlog moved over the measured time, per second.
std::string backlog_cell(const run::Step& step) {
  if (!step.drift.relative || !step.offered_eps) return "-";
  const double per_second = *step.drift.relative * *step.offered_eps;
  if (step.verdict == "keeps_up" || std::abs(*step.drift.relative) < 0.02) return "flat";
  return fmt::format("{}{}/s", per_second > 0 ? "+" : "-", rate_cell(std::abs(per_second)));
}

std::string fault_words(const std::string& kind) {
  if (kind == "engine:kill") return "kill the engine";
  if (kind == "broker:kill") return "kill the broker";
  if (kind == "engine:pause") return "pause the engine";
  return "replace and wake the engine";
}

}  // namespace

std::string rate_cell(double rate) {
  if (rate >= 999'950) return fmt::format("{:.2f} M", rate / 1e6);
  if (rate >= 1000) return fmt::format("{:.1f} k", rate / 1e3);
  return fmt::format("{:.0f}", rate);
}

Storyboard::Storyboard(const Options& options, const Clock& clock)
    : options_(options), clock_(clock), begin_(clock.now()) {
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  redraw_ = isatty(STDERR_FILENO) && !dumb && !is_set("CI");
  color_ = isatty(options.results_to_stderr ? STDERR_FILENO : STDOUT_FILENO) && !dumb &&
           !is_set("NO_COLOR");
}

std::string Storyboard::stamp() const {
  const int64_t seconds = (clock_.now() - begin_).second();
  return fmt::format("{:2}:{:02}", seconds / 60, seconds % 60);
}

std::string Storyboard::painted(const char* code, const std::string& text) const {
  return color_ ? fmt::format("\033[{}m{}\033[0m", code, text) : text;
}

void Storyboard::erase() {
  if (drawn_) std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

void Storyboard::print(const std::string& text) {
  erase();
  std::FILE* out = options_.results_to_stderr ? stderr : stdout;
  std::fprintf(out, "%s\n", text.c_str());
  std::fflush(out);
}

void Storyboard::line(const std::string& text) { print(text); }

void Storyboard::preamble(const std::string& name, const std::string& text,
                          const std::string& status) {
  if (options_.quiet) return;
  print(fmt::format("{}  {:<6} {:<72} {}", stamp(), name, text,
                    painted(status == "ok" ? "32" : "33", status)));
}

void Storyboard::section(const std::string& name) {
  if (!options_.quiet && name == "LOAD") {
    print(painted("1", fmt::format(" LOAD   {:>9} {:>11} {:>8} {:>8} {:>8} {:>8} {:>11}  verdict",
                                   "offered", "processed", "p50", "p95", "p99", "max", "backlog")));
    load_head_ = true;
  }
}

void Storyboard::progress(const lab::Progress& now) {
  if (!redraw_ || options_.quiet) return;
  constexpr int kWidth = 20;
  const double whole = now.elapsed_s + std::max(now.left_s, 0.0);
  const int filled = whole > 0 ? int(kWidth * std::min(1.0, now.elapsed_s / whole)) : 0;
  const std::string bar =
      std::string(size_t(filled), '#') + std::string(size_t(kWidth - filled), '.');
  const std::string left =
      now.left_s < 0 ? "draining" : fmt::format("{:.0f} s left", std::ceil(now.left_s));
  erase();
  std::fprintf(stderr, "%s",
               fmt::format("{}  {:>9} [{}] {}  processed {}  backlog {}", stamp(),
                           rate_cell(now.offered_eps), bar, left, rate_cell(now.processed_eps),
                           rate_cell(std::max(0.0, now.backlog)))
                   .c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void Storyboard::drained(const lab::DrainTest& test) {
  preamble("guess",
           fmt::format("stored {} events at {}/s, the engine drains them at {}/s",
                       rate_cell(double(test.events)), rate_cell(test.fill_eps),
                       rate_cell(test.drain_eps)),
           "ok");
}

void Storyboard::load_step(const run::Step& step) {
  if (options_.quiet) return;
  if (!load_head_) section("LOAD");
  const run::Latency none, &latency = step.latency ? *step.latency : none;
  print(fmt::format("{}   {:>9} {:>11} {:>8} {:>8} {:>8} {:>8} {:>11}  {}", stamp(),
                    rate_cell(step.offered_eps.value_or(0)),
                    step.processed_eps ? rate_cell(*step.processed_eps) : "-",
                    millis_cell(latency.p50), millis_cell(latency.p95), millis_cell(latency.p99),
                    millis_cell(latency.max), backlog_cell(step),
                    painted(color_of(step.verdict), verdict_words(step))));
  if (step.verdict == "invalid" || step.verdict == "undecided") print("        " + step.reason);
}

void Storyboard::scale_cell(const run::Step& cell) {
  if (options_.quiet) return;
  print(fmt::format("{}  SCALE  {} partition{}, {} worker{}: processes {} ev/s when offered {}{}",
                    stamp(), cell.partitions, cell.partitions == 1 ? "" : "s", cell.parallelism,
                    cell.parallelism == 1 ? "" : "s",
                    cell.processed_eps ? rate_cell(*cell.processed_eps) : "-",
                    rate_cell(cell.offered_eps.value_or(0)),
                    cell.verdict == "invalid" ? "  (" + cell.reason + ")" : ""));
}

void Storyboard::scale(const run::Scale& scale) {
  if (options_.quiet) return;
  for (const auto& cell : scale.not_measured)
    print(fmt::format("{}  SCALE  {}: not measured", stamp(), cell));
}

void Storyboard::fault(const run::Fault& fault) {
  if (options_.quiet) return;
  if (!fault.valid) {
    print(fmt::format("{}  FAULT  {}: not valid: {}", stamp(), fault_words(fault.kind),
                      fault.reason));
    return;
  }
  print(fmt::format(
      "{}  FAULT  {} at {} ev/s .. noticed {}, first output after {}, current after {}", stamp(),
      fault_words(fault.kind), rate_cell(fault.offered_eps.value_or(0)),
      fault.noticed_s ? fmt::format("{:.0f} ms", *fault.noticed_s * 1e3) : "never",
      seconds_cell(fault.first_output_s, "not seen"), seconds_cell(fault.in_band_s, "not seen")));
  print(fmt::format("              audit: {} acked, {} processed, lost {}, duplicated {}{}",
                    fault.audit.acked, fault.audit.processed, fault.audit.lost,
                    fault.audit.duplicated,
                    fault.audit.complete ? "" : fmt::format(", {} pending", fault.audit.pending)));
}

}  // namespace weir::cli
