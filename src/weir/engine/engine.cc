#include "weir/engine/engine.h"

#include <algorithm>

#include "weir/engine/trigger.h"

namespace weir::engine {
namespace {
constexpr Nanos kStopPoll = nanos_from_millis(20);  // how late a stop may be noticed
constexpr Nanos kSettlePoll = nanos_from_millis(20);
constexpr Nanos kBrokerRetry = nanos_from_millis(50);
constexpr int kAttemptsWithoutBatchMax = 10;

tl::unexpected<Error> stopped() { return fail(Code::kInterrupted, "stopped"); }

bool begins_new_attempt(const Error& error) {
  return error.code == Code::kUnreachable || error.code == Code::kTimeout ||
         error.code == Code::kAlreadyExists;
}

int64_t sum_of(const Positions& ends, const Positions& starts) {
  int64_t sum = 0;
  for (const auto& [partition, end] : ends)
    if (const auto start = starts.find(partition); start != starts.end())
      sum += end - start->second;
  return sum;
}
}  // namespace

Engine::Engine(EngineOptions options, Connections connections, Disk& disk, Clock& clock,
               std::function<bool()> stop, Watchers watchers, Hook hook)
    : options_(std::move(options)),
      connections_(std::move(connections)),
      disk_(disk),
      clock_(clock),
      stop_(std::move(stop)),
      watchers_(std::move(watchers)),
      hook_(std::move(hook)) {}

Status Engine::run() {
  std::optional<checkpoint::Attempt> previous;
  int in_vain = 0;
  while (!stop_()) {
    const int64_t committed_before = committed_;
    auto status = [&]() -> Status {
      if (!malformed_) {
        WEIR_TRY(checkpoint::Folder::open(disk_,
                                          options_.checkpoint));  // so that the log's folder exists
        malformed_ =
            WEIR_TRY(MalformedLog::open(disk_, options_.checkpoint + "/weir/malformed.log"));
      }
      auto session = WEIR_TRY(
          start_session({options_, connections_, disk_, clock_, *malformed_, stop_}, previous));
      previous = session.attempt;
      return run_session(session);
    }();
    if (status || status.error().code == Code::kInterrupted) return {};
    const Error& error = status.error();
    in_vain = committed_ > committed_before ? 0 : in_vain + 1;
    const bool out_of_patience =
        error.code != Code::kUnreachable && in_vain > kAttemptsWithoutBatchMax;
    if (!previous || !begins_new_attempt(error) || out_of_patience) return status;
    note(error.what + ": " + error.why + "; beginning a new attempt");
    wait_until(clock_.now() + kBrokerRetry);
  }
  return {};
}

Status Engine::run_session(Session& session) {
  if (!options_.outdir.empty() && !table_)
    table_ = WEIR_TRY(BatchTable::open(disk_, options_.outdir, session.folder.query_id()));
  if (session.recovered && table_) WEIR_TRY(table_->append(*session.recovered));
  fresh_ends_.reset();
  if (!session.replay) session.source->read_ahead();
  while (!stop_()) {
    const Nanos fired = clock_.now();
    bool found = true;
    if (session.replay) {
      auto plan = std::move(*session.replay);
      session.replay.reset();
      WEIR_TRY(run_batch(session, std::move(plan), fired, true));
    } else {
      Positions ends = WEIR_TRY(plan_ends(session));
      found = ends != session.positions;
      if (found) {
        // What workers read since then belongs to this batch.
        for (const auto& [partition, next] : WEIR_TRY(session.source->hold()))
          ends[partition] = std::max(ends[partition], next);
        WEIR_TRY(run_batch(session,
                           {options_.topic, std::move(ends), 0, fired.millis(), session.conf},
                           fired, false));
      }
    }
    if (options_.trigger.value > 0)
      wait_until(next_trigger(fired, options_.trigger));
    else if (!found)
      wait_until(clock_.now() + kIdleWait);
  }
  return {};
}

// The topic's ends now; a lost broker is waited for.
Result<Positions> Engine::plan_ends(Session& session) {
  Positions ends;
  if (fresh_ends_) {
    ends = std::move(*fresh_ends_);
    fresh_ends_.reset();
  } else {
    for (bool told = false;;) {
      auto asked = session.admin->end_offsets(options_.topic);
      if (asked) {
        ends = to_positions(*asked);
        if (told) note("the broker answers again");
        break;
      }
      if (!begins_new_attempt(asked.error())) return tl::unexpected(asked.error());
      if (!told) note(asked.error().what + ": " + asked.error().why + "; waiting for it");
      told = true;
      wait_until(clock_.now() + kBrokerRetry);
      if (stop_()) return stopped();
    }
  }
  for (const auto& [partition, end] : ends) {
    const auto start = session.positions.find(partition);
    if (start == session.positions.end())
      return fail(Code::kUnreachable, "topic " + options_.topic + " has changed",
                  "it got new partitions");
    if (end < start->second)
      return events_are_gone(options_.topic, partition, end, session.next_batch, start->second);
  }
  return ends;
}

Status Engine::run_batch(Session& session, checkpoint::Plan plan, Nanos fired,
                         bool planned_before) {
  BatchRow row;
  row.batch = session.next_batch;
  row.attempt = session.attempt.number;
  row.trigger_ms = options_.trigger.millis();
  row.query = session.folder.query_id();
  row.planned = fired;
  row.started = clock_.now();
  session.source->begin(plan.ends, row.started);
  if (!planned_before) WEIR_TRY(write_plan(session, plan, row));
  WEIR_TRY(write_result(session, plan, row.started, row));
  WEIR_TRY(commit(session, plan, row));
  WEIR_TRY(report(session, plan, row));
  for (const auto& [partition, end] : plan.ends) session.positions[partition] = end;
  session.conf = std::move(plan.conf);
  session.there = {};
  ++session.next_batch;
  ++committed_;
  return session.folder.purge(row.batch);
}

Status Engine::write_plan(Session& session, const checkpoint::Plan& plan, BatchRow& row) {
  WEIR_TRY(at(Point::kBeforeOffsets, row.batch));
  WEIR_TRY(session.folder.check_owner(session.attempt));
  const Nanos before = clock_.now();
  WEIR_TRY(session.folder.write_plan(row.batch, plan));
  row.offsets_cost = clock_.now() - before;
  return at(Point::kAfterOffsets, row.batch);
}

Status Engine::write_result(Session& session, const checkpoint::Plan& plan, Nanos reference,
                            BatchRow& row) {
  const Tally tally = options_.workload == Workload::kMetrics
                          ? WEIR_TRY(read_and_send_receipt(session, plan, reference, row))
                          : WEIR_TRY(read_and_forward(session, row));
  WEIR_TRY(at(Point::kAfterSent, row.batch));
  WEIR_TRY(at(Point::kBeforeAcked, row.batch));
  WEIR_TRY(wait_for_acks(session));
  row.acked = clock_.now();
  row.output_cost = row.acked - row.read_done;
  WEIR_TRY(at(Point::kAfterAcked, row.batch));
  row.events = tally.events;
  row.malformed = tally.malformed;
  row.foreign = tally.foreign;
  fill_latencies(row, tally.ages, reference, session.there.latency);
  return {};
}

Result<Tally> Engine::read_and_send_receipt(Session& session, const checkpoint::Plan& plan,
                                            Nanos reference, BatchRow& row) {
  std::optional<Tally> tally;
  while (!(tally = WEIR_TRY(session.source->finish(kStopPoll))))
    if (stop_()) return stopped();
  row.read_done = clock_.now();
  Receipt receipt;
  receipt.query = session.folder.query_id();
  receipt.batch = row.batch;
  receipt.attempt = session.attempt.number;
  receipt.reference = reference;
  receipt.ages = tally->ages;
  receipt.negatives = tally->ages.negatives();
  receipt.events = tally->events;
  receipt.malformed = tally->malformed;
  receipt.foreign = tally->foreign;
  receipt.input_end = plan.ends;
  tally->ids.write_to(receipt);
  WEIR_TRY(at(Point::kBeforeSent, row.batch));
  WEIR_TRY(session.sink->send_receipt(row.batch, to_json(receipt)));
  return std::move(*tally);
}

Result<Tally> Engine::read_and_forward(Session& session, BatchRow& row) {
  WEIR_TRY(at(Point::kBeforeSent, row.batch));
  bool sent = false;
  while (true) {
    if (const auto chunk = session.source->next_chunk(kStopPoll)) {
      WEIR_TRY(session.sink->send_chunk(row.batch, *chunk, stop_));
      if (!sent) WEIR_TRY(at(Point::kDuringSent, row.batch));
      sent = true;
    }
    if (auto tally = WEIR_TRY(session.source->finish(Nanos(0)))) {
      row.read_done = clock_.now();
      return std::move(*tally);
    }
    WEIR_TRY(session.sink->settle(Nanos(0)));
    if (stop_()) return stopped();
  }
}

Status Engine::wait_for_acks(Session& session) {
  while (!WEIR_TRY(session.sink->settle(kSettlePoll)))
    if (stop_()) return stopped();
  return {};
}

Status Engine::commit(Session& session, const checkpoint::Plan& plan, BatchRow& row) {
  const Positions output_ends =
      session.sink->ends_are_exact()
          ? session.sink->ends()
          : to_positions(WEIR_TRY(session.admin->end_offsets(options_.output_topic)));
  WEIR_TRY(at(Point::kBeforeOutput, row.batch));
  WEIR_TRY(session.folder.check_owner(session.attempt));
  Nanos before = clock_.now();
  WEIR_TRY(session.folder.write_output(
      row.batch, {session.attempt.number, output_ends, plan.ends, row.text()}));
  row.record_cost = clock_.now() - before;
  WEIR_TRY(at(Point::kAfterOutput, row.batch));
  WEIR_TRY(at(Point::kBeforeCommits, row.batch));
  WEIR_TRY(session.folder.check_owner(session.attempt));
  before = clock_.now();
  WEIR_TRY(session.folder.write_commit(row.batch));
  row.committed = clock_.now();
  row.commit_cost = row.committed - before;
  return at(Point::kAfterCommits, row.batch);
}

Status Engine::report(Session& session, const checkpoint::Plan& plan, BatchRow& row) {
  BatchReport report;
  if (auto latest = session.admin->end_offsets(options_.topic)) {
    report.latest = to_positions(*latest);
    row.backlog_after = sum_of(report.latest, plan.ends);
    // Still true if the next batch begins at once.
    if (clock_.now() >= next_trigger(row.planned, options_.trigger)) fresh_ends_ = report.latest;
  }
  if (table_) {
    // An engine woken after a newer one took over must not touch the file.
    WEIR_TRY(session.folder.check_owner(session.attempt));
    WEIR_TRY(table_->append(row));
  }
  if (!watchers_.batch) return {};
  report.row = row;
  report.starts = session.positions;
  report.ends = plan.ends;
  watchers_.batch(report);
  return {};
}

void Engine::wait_until(Nanos instant) {
  while (!stop_()) {
    const Nanos now = clock_.now();
    if (now >= instant) return;
    clock_.sleep_until(std::min(instant, now + kStopPoll));
  }
}

void Engine::note(const std::string& text) const {
  if (watchers_.note) watchers_.note(text);
}

}  // namespace weir::engine
