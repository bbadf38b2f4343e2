#include "weir/engine/session.h"

#include <algorithm>

namespace weir::engine {
namespace {
constexpr Nanos kFencePoll = nanos_from_millis(50);

class Starter {
 public:
  Starter(const Surroundings& around, checkpoint::Folder folder)
      : around_(around), session_{.folder = std::move(folder)} {}

  Result<Session> start(const std::optional<checkpoint::Attempt>& previous) {
    const auto& options = around_.options;
    WEIR_TRY(session_.folder.claim(
        {{}, options.topic, name_of(options.workload), options.output_topic}));
    if (previous) WEIR_TRY(session_.folder.check_owner(*previous));
    session_.admin = WEIR_TRY(around_.connections.admin());
    session_.sink =
        WEIR_TRY(Sink::open(around_.connections, options.output_topic, session_.folder.query_id()));
    WEIR_TRY(raise_and_fence(0));
    if (const auto newest = session_.folder.newest_plan())
      WEIR_TRY(settle_batch(*newest));
    else
      WEIR_TRY(begin_query());
    WEIR_TRY(check_input_is_there());
    WEIR_TRY(add_new_partitions());
    Positions skip;
    for (const auto& [partition, count] : session_.there.results) skip[partition] = count;
    session_.source = WEIR_TRY(Source::open(around_.connections, options, session_.positions, skip,
                                            &around_.malformed, around_.clock));
    return std::move(session_);
  }

 private:
  checkpoint::Folder& folder() { return session_.folder; }
  bool forwards() const { return around_.options.workload == Workload::kForward; }

  Status raise_and_fence(int64_t at_least) {
    session_.attempt = WEIR_TRY(folder().raise_attempt(at_least));
    WEIR_TRY(session_.sink->send_fences(session_.attempt.number));
    while (!WEIR_TRY(session_.sink->settle(kFencePoll)))
      if (around_.stop()) return fail(Code::kInterrupted, "stopped before the first batch");
    fence_ends_ = session_.sink->ends();
    if (!session_.sink->ends_are_exact())
      fence_ends_ =
          to_positions(WEIR_TRY(session_.admin->end_offsets(around_.options.output_topic)));
    return {};
  }

  // No batch was ever planned.
  Status begin_query() {
    auto initial = WEIR_TRY(folder().initial());
    if (!initial) {
      const auto& options = around_.options;
      initial.emplace(options.topic,
                      to_positions(options.starting_offsets == StartingOffsets::kEarliest
                                       ? WEIR_TRY(session_.admin->start_offsets(options.topic))
                                       : WEIR_TRY(session_.admin->end_offsets(options.topic))));
      WEIR_TRY(folder().check_owner(session_.attempt));
      WEIR_TRY(folder().write_initial(options.topic, initial->second));
    }
    session_.positions = initial->second;
    return folder().write_output(-1, {session_.attempt.number, fence_ends_, initial->second, {}});
  }

  // Where batch N began: where N - 1 ended.
  Result<Positions> start_of(int64_t batch) {
    if (batch == 0) {
      if (auto initial = WEIR_TRY(folder().initial())) return initial->second;
      return fail(Code::kCorrupt, "cannot continue from " + folder().path(),
                  "sources/0/0, where the query began, is missing",
                  "restore it from a copy, or start with a new checkpoint folder");
    }
    auto before = folder().plan(batch - 1);
    if (before) return before->ends;
    const auto end = WEIR_TRY(folder().output_at_or_before(batch - 1));
    if (end && end->first == batch - 1) return end->second.input_ends;
    return tl::unexpected(std::move(before).error());
  }

  // Holds the newest planned batch against the output.
  Status settle_batch(int64_t batch) {
    auto plan = folder().plan(batch);
    session_.positions = WEIR_TRY(start_of(batch));
    WEIR_TRY(ask_output(batch, plan ? plan->timestamp_ms : 0));
    if (!plan) {
      const auto ends = WEIR_TRY(ends_from_elsewhere(batch));
      if (!ends && folder().has_commit(batch)) return tl::unexpected(std::move(plan).error());
      WEIR_TRY(folder().check_owner(session_.attempt));
      WEIR_TRY(folder().set_aside_plan(batch));
      session_.next_batch = batch;
      if (!ends) return {};  // it is planned anew, behind what is in the output
      plan = checkpoint::Plan{around_.options.topic, *ends, 0, around_.clock.now().millis(), {}};
      WEIR_TRY(folder().write_plan(batch, *plan));
    }
    session_.conf = plan->conf;
    if (is_complete(batch, *plan)) return close_batch(batch, *plan);
    session_.next_batch = batch;
    session_.replay = std::move(*plan);
    return {};
  }

  Status ask_output(int64_t batch, int64_t timestamp_ms) {
    while (true) {
      const auto before = WEIR_TRY(folder().output_at_or_before(batch - 1));
      knows_output_ = before.has_value();
      if (!before) return {};  // Spark's checkpoint: nothing of this query can be there
      OutputQuestion question{around_.options.output_topic,
                              folder().query_id(),
                              batch,
                              before->second.ends,
                              before->second.attempt,
                              {},
                              session_.attempt.number,
                              nanos_from_millis(timestamp_ms)};
      for (const auto& [partition, end] : fence_ends_) question.fences[partition] = end - 1;
      WEIR_TRY(leave_out_trimmed(batch, question.from));
      session_.there = WEIR_TRY(look_for(around_.connections, question, around_.stop));
      if (session_.there.rival == 0) return {};
      WEIR_TRY(raise_and_fence(session_.there.rival));
    }
  }

  // Retention may have removed old output. That only matters to a batch whose output is not on
  // record.
  Status leave_out_trimmed(int64_t batch, Positions& from) {
    const auto kept = WEIR_TRY(session_.admin->start_offsets(around_.options.output_topic));
    for (auto& [partition, offset] : from) {
      if (size_t(partition) >= kept.size() || kept[size_t(partition)].value <= offset) continue;
      const auto recorded = WEIR_TRY(folder().output_at_or_before(batch));
      if (!recorded || recorded->first != batch)
        return fail(
            Code::kFailed, fmt::format("cannot tell what of batch {} is in the output", batch),
            fmt::format("partition {} of topic {} begins at {}, and {} is needed", partition,
                        around_.options.output_topic, kept[size_t(partition)], offset),
            "give the output topic a longer retention; start with a new checkpoint");
      offset = kept[size_t(partition)].value;
      trimmed_ = true;
    }
    return {};
  }

  Result<std::optional<Positions>> ends_from_elsewhere(int64_t batch) {
    const auto recorded = WEIR_TRY(folder().output_at_or_before(batch));
    if (recorded && recorded->first == batch) return recorded->second.input_ends;
    if (!session_.there.receipt) return std::nullopt;
    return Positions(session_.there.receipt->input_end);
  }

  bool is_complete(int64_t batch, const checkpoint::Plan& plan) {
    if (folder().has_commit(batch) && (trimmed_ || !knows_output_)) return true;
    if (!forwards()) return session_.there.receipt.has_value();
    for (const auto& [partition, end] : plan.ends) {
      const auto results = session_.there.results.find(partition);
      const int64_t count = results == session_.there.results.end() ? 0 : results->second;
      if (count < end - start_in(partition))
        return false;  // malformed events are found out by a replay
    }
    return true;
  }

  int64_t start_in(int32_t partition) const {
    const auto found = session_.positions.find(partition);
    return found == session_.positions.end() ? 0 : found->second;
  }

  Status close_batch(int64_t batch, const checkpoint::Plan& plan) {
    const auto recorded = WEIR_TRY(folder().output_at_or_before(batch));
    if (recorded && recorded->first == batch)
      session_.recovered = BatchRow::parse(recorded->second.row);
    if (!session_.recovered) session_.recovered = row_of(batch, plan);
    BatchRow& row = *session_.recovered;
    WEIR_TRY(folder().check_owner(session_.attempt));
    WEIR_TRY(folder().write_output(batch,
                                   {session_.attempt.number, fence_ends_, plan.ends, row.text()}));
    const bool committed = folder().has_commit(batch);
    WEIR_TRY(folder().write_commit(batch));
    row.committed = committed ? row.acked : around_.clock.now();
    session_.next_batch = batch + 1;
    session_.positions = plan.ends;
    session_.there = {};
    return {};
  }

  // A row as far as the output tells it.
  BatchRow row_of(int64_t batch, const checkpoint::Plan& plan) {
    const OutputAnswer& there = session_.there;
    BatchRow row;
    row.batch = batch;
    row.attempt = session_.attempt.number;
    row.trigger_ms = around_.options.trigger.millis();
    row.planned = row.started = row.read_done = nanos_from_millis(plan.timestamp_ms);
    row.query = folder().query_id();
    if (there.receipt) {
      row.events = there.receipt->events;
      row.malformed = there.receipt->malformed;
      row.foreign = there.receipt->foreign;
      row.attempt = there.receipt->attempt;
      row.started = row.read_done = there.receipt->reference;
      row.acked = nanos_from_millis(there.receipt_ms);
      fill_latencies(row, there.receipt->ages, there.receipt->reference, {});
      return row;
    }
    for (const auto& [partition, end] : plan.ends) row.events += end - start_in(partition);
    row.foreign = there.foreign;
    row.acked = nanos_from_millis(std::max(there.latest_ms, plan.timestamp_ms));
    fill_latencies(row, there.ages, nanos_from_millis(plan.timestamp_ms), {});
    BatchRow visible = row;
    fill_latencies(visible, {}, row.planned, there.latency);
    row.latency = visible.latency;
    return row;
  }

  // A batch planned before can only be read again while the topic reaches as far.
  Status check_input_is_there() {
    if (!session_.replay) return {};
    const auto ends = to_positions(WEIR_TRY(session_.admin->end_offsets(around_.options.topic)));
    for (const auto& [partition, planned] : session_.replay->ends) {
      const auto end = ends.find(partition);
      if (end == ends.end() || end->second < planned)
        return events_are_gone(around_.options.topic, partition,
                               end == ends.end() ? 0 : end->second, session_.next_batch, planned);
    }
    return {};
  }

  // Partitions that came since begin at their start.
  Status add_new_partitions() {
    const auto starts = WEIR_TRY(session_.admin->start_offsets(around_.options.topic));
    for (const auto& [partition, offset] : to_positions(starts))
      session_.positions.emplace(partition, offset);
    return {};
  }

  const Surroundings& around_;
  Session session_;
  Positions fence_ends_;      // behind the own fence, per output partition
  bool knows_output_ = true;  // where the output before the newest batch ended
  bool trimmed_ = false;
};
}  // namespace

tl::unexpected<Error> events_are_gone(const std::string& topic, int32_t partition, int64_t end,
                                      int64_t batch, int64_t needed) {
  return fail(Code::kFailed, "events of topic " + topic + " are gone",
              fmt::format("partition {} ends at {}, and batch {} needs what lies before {}",
                          partition, end, batch, needed),
              "if the topic was made anew, start with a new --checkpoint");
}

Positions to_positions(const std::vector<Offset>& offsets) {
  Positions positions;
  for (size_t p = 0; p < offsets.size(); ++p) positions[int32_t(p)] = offsets[p].value;
  return positions;
}

Result<Session> start_session(const Surroundings& around,
                              const std::optional<checkpoint::Attempt>& previous) {
  auto folder = WEIR_TRY(checkpoint::Folder::open(around.disk, around.options.checkpoint));
  return Starter(around, std::move(folder)).start(previous);
}

Status prepare_topics(kafka::Admin& admin, const EngineOptions& options) {
  const auto input = WEIR_TRY(admin.topic(options.topic));
  auto output = admin.topic(options.output_topic);
  if (!output && output.error().code == Code::kNotFound) {
    const auto made =
        admin.create_topic(options.output_topic, input.partitions, input.replication, {});
    if (!made && made.error().code != Code::kAlreadyExists) return made;
    return {};
  }
  if (!output) return tl::unexpected(std::move(output).error());
  if (options.workload == Workload::kForward && output->partitions != input.partitions)
    return fail(Code::kUsage, "cannot forward to topic " + options.output_topic,
                fmt::format("it has {} partitions, {} has {}; forward keeps each partition's order",
                            output->partitions, options.topic, input.partitions),
                "give an --output-topic that does not exist yet, or one with as many partitions");
  return {};
}

}  // namespace weir::engine
