#include "apps/weir/live_feed.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

namespace weir::cli {
namespace {

// For open pages to take the end and the report along.
constexpr Nanos kGoodbye = nanos_from_seconds(3);

Result<Address> address_of(const std::string& text) {
  if (text.empty()) return Address{"127.0.0.1", 0};
  const bool port_only =
      std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  return Address::parse(port_only ? "127.0.0.1:" + text : text);
}

live::Judged judged(const std::string& experiment, const run::Step& step) {
  live::Judged told{experiment, step.label, step.verdict, step.offered_eps, step.processed_eps,
                    {},         {}};
  if (step.latency) told.p50_ms = step.latency->p50, told.p99_ms = step.latency->p99;
  return told;
}

}  // namespace

Result<std::unique_ptr<LiveFeed>> LiveFeed::open(const std::string& address,
                                                 const live::About& about) {
  std::unique_ptr<LiveFeed> feed(new LiveFeed(about));
  const live::ServerOptions options{
      WEIR_TRY_IN("--live", address_of(address)), live::new_token(), {}};
  feed->server_ = WEIR_TRY(live::Server::start(options, feed->board_));
  return feed;
}

void LiveFeed::progress(const lab::Progress& now) {
  live::Reading reading;
  reading.at = now.at;
  reading.experiment = experiment_;
  reading.step = now.label;
  reading.phase = now.phase;
  reading.left_s = std::max(0.0, now.left_s);
  reading.offered_eps = now.offered_eps;
  reading.processed_eps = now.processed_eps;
  reading.backlog = now.backlog;
  reading.offered = now.offered;
  reading.processed = now.processed;
  reading.late = now.late;
  reading.refused = now.refused;
  reading.send_lag_p99_ms = now.send_lag_p99_ms;
  reading.send_lag_max_ms = now.send_lag_max_ms;
  reading.latency = now.latency;
  reading.fault = now.fault;
  reading.fault_target = now.fault_target;
  reading.fault_at = now.fault_at;
  board_.read(reading);
}

void LiveFeed::load_step(const run::Step& step) { board_.judge(judged("load", step)); }

// A cell of overload is to fall behind: what it processes is the answer, not whether it keeps up.
void LiveFeed::scale_cell(const run::Step& cell) {
  live::Judged told = judged("scale", cell);
  if (told.verdict == "falls_behind") told.verdict = "measured";
  board_.judge(told);
}

void LiveFeed::fault(const run::Fault& fault) {
  board_.judge_fault(fault);
  board_.judge({"faults",
                fault.label,
                !fault.valid      ? "invalid"
                : fault.in_band_s ? "recovered"
                                  : "undecided",
                fault.offered_eps,
                {},
                {},
                {}});
}

void LiveFeed::end(const run::RunResult& result, const std::string& report) {
  std::error_code error;
  const std::string path =
      report.empty() ? "" : std::filesystem::absolute(report, error).lexically_normal().string();
  board_.end({result.exit_code.value_or(0), result.exit_reason, path, result.findings});
  server_->finish(kGoodbye);
}

}  // namespace weir::cli
