#include "apps/weir/storyboard.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "weir/lab/scale_fit.h"

namespace weir::cli {
namespace {

constexpr int kTextColumn = 15;  // of the preamble
constexpr int kLineIndent = 7;   // of what follows a stamp
constexpr int kHeadMax = 120;
constexpr int kSentenceMax = 100;  // longer lines are hard to read, however wide the terminal

std::string millis_cell(const run::Figure& value) {
  if (!value) return "-";
  if (*value >= 10'000) return fmt::format("{:.1f} s", *value / 1000);
  return *value < 10 ? fmt::format("{:.1f} ms", *value) : fmt::format("{:.0f} ms", *value);
}

std::string seconds_cell(const run::Figure& value, const char* missing) {
  return value ? fmt::format("{:.1f} s", *value) : std::string(missing);
}

// "45 s", "3 min"
std::string span_text(double seconds) {
  return seconds < 120 ? fmt::format("{:.0f} s", std::ceil(seconds))
                       : fmt::format("{:.0f} min", std::ceil(seconds / 60));
}

std::string verdict_words(const run::Step& step) {
  if (step.verdict == "keeps_up") return "keeps up";
  if (step.verdict == "falls_behind") return "falls behind";
  if (step.verdict == "undecided") return "cannot tell";
  if (step.verdict == "invalid" && step.limited_by == "generator") return "generator late";
  return step.verdict;
}

const char* colour_of(const std::string& verdict) {
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

// "engine:kill" as "kill the engine"; the name of a named fault as it is.
std::string fault_words(const std::string& kind) {
  if (kind == "engine:zombie") return "replace and wake the engine";
  if (kind == "disk:full") return "fill the disk";
  if (kind == "event:poison") return "send malformed events";
  const size_t colon = kind.find(':');
  if (colon == std::string::npos) return kind;
  return kind.substr(colon + 1) + " the " + kind.substr(0, colon);
}

// The columns of the load table that fit `width`, the least needed left out first.
struct Columns {
  bool p50, p95, max, backlog;
  explicit Columns(int width)
      : p50(width >= 70), p95(width >= 96), max(width >= 87), backlog(width >= 78) {}
};

// A rate below 1,000 has no unit: its digits still stand below those of the others.
std::string under_digits(const std::string& rate) {
  const bool bare = !rate.empty() && std::isdigit(static_cast<unsigned char>(rate.back())) != 0;
  return bare ? rate + "  " : rate;
}

std::string load_row(const Columns& shown, const std::string& stamp, const std::string& offered,
                     const std::string& processed, const run::Step* step,
                     const std::string& verdict) {
  static const run::Latency kNone;
  const run::Latency& latency = step && step->latency ? *step->latency : kNone;
  const auto cell = [&](const char* head, const run::Figure& value) {
    return fmt::format(" {:>8}", step ? millis_cell(value) : std::string(head));
  };
  std::string row =
      fmt::format("{:<5}   {:>9} {:>11}", stamp, under_digits(offered), under_digits(processed));
  if (shown.p50) row += cell("p50", latency.p50);
  if (shown.p95) row += cell("p95", latency.p95);
  row += cell("p99", latency.p99);
  if (shown.max) row += cell("max", latency.max);
  if (shown.backlog) row += fmt::format(" {:>11}", step ? backlog_cell(*step) : "backlog");
  return row + "  " + verdict;
}

}  // namespace

std::string rate_cell(double rate) {
  if (rate >= 999'950) return fmt::format("{:.2f} M", rate / 1e6);
  if (rate >= 999.5) return fmt::format("{:.1f} k", rate / 1e3);
  return fmt::format("{:.0f}", rate);
}

std::string estimate_text(const run::Estimate& estimate, const std::string& unit) {
  if (!estimate.estimate) return {};
  const double size = std::abs(*estimate.estimate);
  const double scale = size >= 999'950 ? 1e6 : size >= 1000 ? 1e3 : 1;
  std::string unit_text = scale == 1e6 ? " M" : scale == 1e3 ? " k" : "";
  if (!unit.empty()) unit_text += " " + unit;
  if (!estimate.low || !estimate.high || !(*estimate.high > *estimate.low))
    return fmt::format("{:.3g}{}", *estimate.estimate / scale, unit_text);
  const double half = (*estimate.high - *estimate.low) / 2 / scale;
  const int decimals = std::clamp(1 - int(std::floor(std::log10(half))), 0, 3);
  return fmt::format("{:.{}f}{} ({:.{}f} to {:.{}f})", *estimate.estimate / scale, decimals,
                     unit_text, *estimate.low / scale, decimals, *estimate.high / scale, decimals);
}

// The same step by the evaluation's formulas.
static std::string naive_words(const run::Step& step) {
  if (!step.naive) return "naive: nothing to count, this engine's batches are not known";
  const auto figure = [](const run::Figure& value) {
    return value ? fmt::format("{:.0f}", *value) : std::string("-");
  };
  const run::Naive& naive = *step.naive;
  return fmt::format("naive: {} ev/s, p50 {} ms, p95 {} ms, p99 {} ms over {} batches",
                     figure(naive.throughput_eps), figure(naive.p50_ms), figure(naive.p95_ms),
                     figure(naive.p99_ms), naive.batches);
}

Storyboard::Storyboard(const Options& options, const Clock& clock)
    : options_(options), clock_(clock), begin_(clock.now()) {}

Terminal Storyboard::results() const {
  return Terminal::behind(options_.results_to_stderr ? STDERR_FILENO : STDOUT_FILENO);
}

std::string Storyboard::stamp() const {
  const int64_t seconds = (clock_.now() - begin_).second();
  return fmt::format("{:2}:{:02}", seconds / 60, seconds % 60);
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

void Storyboard::line(const std::string& text) {
  const Terminal terminal = results();
  const int width =
      terminal.width == Terminal::kWidest ? terminal.width : std::min(terminal.width, kSentenceMax);
  const size_t indent = std::min(text.find_first_not_of(' '), text.size());
  print(folded(text, width, text.size() == indent ? 0 : int(indent)));
}

void Storyboard::open(const Opening& opening) {
  planned_s_ = opening.seconds;
  if (options_.quiet) return;
  const std::string what =
      opening.embedded ? "embedded broker and engine" : opening.broker + "; " + opening.engine;
  const std::string cost =
      fmt::format("{} experiment{}, {} {}, at most {:.1f} GB", opening.experiments,
                  opening.experiments == 1 ? "" : "s", opening.seconds < 120 ? "about" : "at most",
                  span_text(opening.seconds), std::max(0.1, opening.bytes / 1e9));
  std::vector<std::string> parts = {"weir " + opening.version, what, cost};
  if (opening.embedded) parts.push_back("nothing leaves this machine");
  const int width = std::min(results().width, kHeadMax);
  std::string text;
  int used = 0;
  for (const auto& part : parts) {
    const int size = columns(part);
    const bool fits = used + 2 + size <= width;
    if (!text.empty()) text += fits ? "  " : "\n  ";
    used = fits && !text.empty() ? used + 2 + size : 2 + size;
    text += folded(part, width - 2, 2);
  }
  print(text);
}

void Storyboard::preamble(const std::string& name, const std::string& text,
                          const std::string& status) {
  if (options_.quiet) return;
  const Terminal terminal = results();
  const int room = std::min(terminal.width, 102) - 6;  // for the status, in one column
  std::string lines = folded(fmt::format("{}  {:<6}  {}", stamp(), name, ""), room, 0);
  // Folded apart, so that blanks of the first columns stay.
  const std::string body = folded(text, room - kTextColumn - 1, 0);
  size_t from = 0;
  std::string last;
  for (;;) {
    const size_t end = body.find('\n', from);
    last = body.substr(from, end == std::string::npos ? end : end - from);
    if (end == std::string::npos) break;
    lines += last + "\n" + std::string(kTextColumn, ' ');
    from = end + 1;
  }
  const int pad = std::max(1, room - kTextColumn - columns(last));
  lines += last;
  if (!status.empty())
    lines += std::string(size_t(pad), ' ') + terminal.painted(status == "ok" ? "32" : "33", status);
  print(lines);
}

void Storyboard::live(const std::string& link) {
  if (options_.quiet) return;
  const Terminal terminal = results();
  const std::string hint = "Ctrl-C stops and keeps what was measured";
  const std::string start = fmt::format("{}  {:<6}  ", stamp(), "live");
  const bool fits = kTextColumn + columns(link) + 4 + columns(hint) <= terminal.width;
  print(start + terminal.linked(link, link) +
        (fits ? "    " + hint : "\n" + std::string(kTextColumn, ' ') + hint));
}

void Storyboard::section(const std::string& name) {
  if (options_.quiet || name != "LOAD" || load_head_) return;
  const Terminal terminal = results();
  print(terminal.painted(
      "1", load_row(Columns(terminal.width), " LOAD", "offered", "processed", nullptr, "verdict")));
  load_head_ = true;
}

void Storyboard::progress(const lab::Progress& now) {
  const Terminal terminal = Terminal::behind(STDERR_FILENO);
  if (!terminal.redraw || options_.quiet) return;
  std::vector<Part> parts;
  if (now.phase == "starting") {
    parts = {{stamp(), 0}, {"starting " + now.label, 0}};
  } else {
    const double whole = now.elapsed_s + std::max(now.left_s, 0.0);
    const double share = whole > 0 ? std::min(1.0, now.elapsed_s / whole) : 0;
    const size_t wide = terminal.width >= 100 ? 20 : 10, filled = size_t(double(wide) * share);
    const std::string left =
        now.left_s < 0 ? "draining" : fmt::format("{:.0f} s left", std::ceil(now.left_s));
    // Of one width whatever they say, so that nothing jumps.
    parts = {
        {stamp(), 0},
        {fmt::format("{:>9}", now.offered_eps > 0 ? rate_cell(now.offered_eps) : now.label), 1},
        {"[" + std::string(filled, '#') + std::string(wide - filled, '.') + "]", 5},
        {fmt::format("{:>9}", left), 0},
        {fmt::format("processed {:>7}", rate_cell(now.processed_eps)), 2},
        {fmt::format("p99 {:>7}", millis_cell(now.p99_ms)), 3},
        {fmt::format("backlog {:>7}", rate_cell(std::max(0.0, now.backlog))), 4}};
  }
  if (!now.fault.empty()) parts.insert(parts.begin() + 1, {fault_words(now.fault), 1});
  const double over = planned_s_ - (clock_.now() - begin_).seconds();
  if (planned_s_ > 0 && over > 0) parts.push_back({span_text(over) + " left in all", 6});
  erase();
  // One column stays free: some terminals go on to the next line when the last one is written.
  std::fputs(fitted(std::move(parts), terminal.width - 1).c_str(), stderr);
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
  section("LOAD");
  const Terminal terminal = results();
  print(load_row(Columns(terminal.width), stamp(), rate_cell(step.offered_eps.value_or(0)),
                 step.processed_eps ? rate_cell(*step.processed_eps) : "-", &step,
                 terminal.painted(colour_of(step.verdict), verdict_words(step))));
  if (step.verdict == "invalid" || step.verdict == "undecided")
    line(std::string(kLineIndent + 1, ' ') + step.reason);
  if (options_.naive) line(std::string(kLineIndent + 1, ' ') + naive_words(step));
}

void Storyboard::scale_cell(const run::Step& cell) {
  if (options_.quiet) return;
  print(folded(fmt::format("{}  SCALE  {} partition{}, {} worker{}: processes {} ev/s when offered "
                           "{}{}",
                           stamp(), cell.partitions, cell.partitions == 1 ? "" : "s",
                           cell.parallelism, cell.parallelism == 1 ? "" : "s",
                           cell.processed_eps ? rate_cell(*cell.processed_eps) : "-",
                           rate_cell(cell.offered_eps.value_or(0)),
                           cell.verdict == "invalid" ? "  (" + cell.reason + ")" : ""),
               results().width, kLineIndent));
}

void Storyboard::scale_search(const run::CellSearch& search) {
  if (options_.quiet) return;
  const run::Estimate& found = search.load.sustainable_eps;
  print(folded(fmt::format("{}  SCALE  {} partition{}, {} worker{}: {} (from {} probes)", stamp(),
                           search.partitions, search.partitions == 1 ? "" : "s", search.parallelism,
                           search.parallelism == 1 ? "" : "s",
                           found.estimate ? "sustains " + estimate_text(found, "ev/s")
                                          : "no rate that it sustains was found",
                           search.load.probes.size()),
               results().width, kLineIndent));
}

void Storyboard::scale(const run::Scale& scale) {
  if (options_.quiet) return;
  const auto tell = [&](const std::string& words) {
    if (!words.empty()) print(folded(stamp() + "  SCALE  " + words, results().width, kLineIndent));
  };
  for (const auto& cell : scale.not_measured) tell(cell + ": not measured");
  if (!scale.limited_by.empty()) tell("limiting side: " + scale.limited_by);
  if (scale.fit) tell(lab::law_text(*scale.fit));
  tell(scale.cores_note);
}

void Storyboard::fault(const run::Fault& fault) {
  if (options_.quiet) return;
  const int width = results().width;
  if (!fault.valid) {
    print(folded(
        fmt::format("{}  FAULT  {}: not valid: {}", stamp(), fault_words(fault.kind), fault.reason),
        width, kLineIndent));
    return;
  }
  print(folded(
      fmt::format("{}  FAULT  {} at {} ev/s .. noticed {}, first output after {}, current after {}",
                  stamp(), fault_words(fault.kind), rate_cell(fault.offered_eps.value_or(0)),
                  fault.noticed_s ? fmt::format("{:.0f} ms", *fault.noticed_s * 1e3) : "never",
                  seconds_cell(fault.first_output_s, "not seen"),
                  seconds_cell(fault.in_band_s, "not seen")),
      width, kLineIndent));
  const std::string found =
      fault.audit.level == "none"
          ? "lost and doubled events cannot be told"
          : fmt::format("lost {}, duplicated {}", fault.audit.lost, fault.audit.duplicated);
  print(folded(
      fmt::format("              audit: {} acked, {} processed, {}{}", fault.audit.acked,
                  fault.audit.processed, found,
                  fault.audit.complete ? "" : fmt::format(", {} pending", fault.audit.pending)),
      width, kLineIndent));
}

// One line of the sizing table: what an outage of a minute costs at a usual load.
void Storyboard::outage(const run::Sizing& sizing) {
  constexpr double kUsualShare = 0.7, kMinute = 60;
  for (const auto& row : sizing.rows)
    for (const auto& time : row.drains)
      if (std::abs(row.share - kUsualShare) < 1e-9 && time.outage_s == kMinute && time.drain_s)
        line(fmt::format(
            " {:<30} {} ev/s: headroom {:.0f}%, a minute's outage is drained in {:.0f} s",
            "at 70% of that", rate_cell(row.rate_eps), 100 * row.headroom, *time.drain_s));
}

void Storyboard::estimates(const run::RunResult& result) {
  if (options_.quiet) return;
  const auto tell = [this](const std::string& name, const run::Estimate& estimate, const char* unit,
                           const std::string& rests = {}) {
    if (estimate.estimate && estimate.low && estimate.high)
      line(fmt::format(" {:<30} {}, {}", name, estimate_text(estimate, unit),
                       rests.empty()
                           ? fmt::format("{:.0f}% of n = {}", estimate.level * 100, estimate.n)
                           : rests));
  };
  if (result.load) {
    // A search is no sample: its interval comes from the ends that it confirmed.
    const auto& found = result.load->sustainable_eps;
    tell("sustains", found, "ev/s", fmt::format("from {} probes", found.n));
    outage(result.load->sizing);
    if (const auto& missing = result.load->not_measured; !missing.empty() && !result.quick)
      line(fmt::format(" {:<30} {}", "no time was left for", fmt::join(missing, "; ")));
  }
  if (!result.faults) return;
  for (const auto& [kind, figures] : result.faults->summary)
    for (const auto& [key, name] :
         {std::pair{"first_output_s", "first output after"}, {"in_band_s", "current again after"}})
      if (const auto figure = figures.find(key); figure != figures.end())
        tell(fault_words(kind) + ", " + name, figure->second, "s");
}

void Storyboard::report(const std::string& path, const std::string& next) {
  const Terminal terminal = results();
  const std::string url = file_url(path);
  // From here, where it lies below: shorter, and what people type.
  std::error_code ignored;
  const std::string near = std::filesystem::proximate(path, ignored);
  const std::string& name = near.empty() || near.starts_with("..") ? path : near;
  const std::string shown = terminal.width == Terminal::kWidest ? url : terminal.linked(url, name);
  const std::string first = " Report  " + shown, second = "Next    " + next;
  if (columns(first) + 6 + columns(second) <= terminal.width && terminal.width != Terminal::kWidest)
    return print(first + "      " + second);
  print(first);
  print(folded(" " + second, terminal.width, 9));
}

}  // namespace weir::cli
