#include "weir/load/generator.h"

#include <algorithm>
#include <cmath>

#include "weir/base/check.h"

namespace weir::load {
namespace {
constexpr Nanos kTurn = nanos_from_millis(1);
constexpr Nanos kTooLate = Nanos(1'000'000'000);
// A turn is bounded, so that the one reading of the time it uses stays true to a millisecond.
constexpr size_t kTurnEvents = 1024, kTurnBytes = 64 << 20;
constexpr size_t kKeyBytes = 16;
constexpr int64_t kSecond = 1'000'000'000;

Outcome outcome_of(kafka::Delivery delivery) {
  switch (delivery) {
    case kafka::Delivery::kAcked:
      return Outcome::kAcked;
    case kafka::Delivery::kFailed:
      return Outcome::kFailed;
    case kafka::Delivery::kUnknown:
      break;
  }
  return Outcome::kUnknown;
}
}  // namespace

Status check_options(const GeneratorOptions& options) {
  if (options.rate_eps <= 0 && options.arrivals.kind != Arrivals::Kind::kConstant)
    return fail(
        Code::kUsage, "--rate max has no schedule",
        "an event is due when the queue takes it, so it cannot be " + options.arrivals.text(),
        "give a rate, or leave the schedule constant");
  const bool endless = options.length.value == INT64_MAX;
  if (options.arrivals.needs_length() && endless && options.events == UINT64_MAX)
    return fail(Code::kUsage, options.arrivals.text() + " needs the length of the load",
                "its form stretches over the whole of it", "give a length or a number of events");
  const double seconds =
      endless ? double(options.events) / options.rate_eps : options.length.seconds();
  if (options.arrivals.needs_length() && seconds > Arrivals::kLengthMax.seconds())
    return fail(Code::kUsage, "the load is too long for " + options.arrivals.text(),
                "such a schedule lasts at most 30 days", "give a shorter length or fewer events");
  const bool varied = !options.sizes.is_fixed() || options.payload != Payload::kConstant;
  if (varied && options.event_template && !options.event_template->has_payload())
    return fail(Code::kUsage, "the event template has no {{payload}}",
                "sizes and payloads are made there, and everything else is sent as it stands",
                "put {{payload}} into the template, or leave --sizes and --payload out");
  return {};
}

Schedule schedule_of(const GeneratorOptions& options) {
  Nanos length = options.length;
  if (length.value == INT64_MAX && options.arrivals.needs_length())
    length = Nanos(std::llround(double(options.events) / options.rate_eps * 1e9));
  return {options.start, options.rate_eps, options.arrivals, length, options.seed};
}

double event_bytes_mean(const GeneratorOptions& options) {
  constexpr double kAroundSize = 31;  // what --size leaves out: docs/formats/event.md
  const double size = options.sizes.mean(options.event_size);
  const auto& own = options.event_template;
  if (!own) return size + kAroundSize;
  return own->has_payload() ? std::max(size, double(own->bytes_max(0))) : double(own->bytes_max(0));
}

namespace {

size_t payload_bytes_max(const GeneratorOptions& options) {
  return size_t(options.sizes.largest(options.event_size));
}

size_t event_bytes_max(const GeneratorOptions& options, const EventEncoder& encoder) {
  if (!options.event_template) return encoder.bytes_max();
  const bool filled = options.event_template->has_payload();
  return options.event_template->bytes_max(filled ? payload_bytes_max(options) : 0);
}

}  // namespace

Generator::Generator(const GeneratorOptions& options, Clock& clock, kafka::Producer& producer,
                     LedgerWriter* ledger, OfferedLog& log, int feed)
    : options_(options),
      clock_(clock),
      producer_(producer),
      ledger_(ledger),
      log_(log),
      feed_(feed),
      end_(options.share.count_below(options.events)),
      encoder_(options.sizes.largest(options.event_size)),
      is_plain_(!options.event_template && options.keys.is_counted() && options.sizes.is_fixed() &&
                options.payload == Payload::kConstant),
      payloads_(options.payload, options.seed, is_plain_ ? 0 : payload_bytes_max(options)),
      event_bytes_max_(event_bytes_max(options, encoder_)),
      turn_events_(
          std::clamp<size_t>(kTurnBytes / size_t(event_bytes_mean(options)), 1, kTurnEvents)),
      buffer_(std::min(turn_events_ * event_bytes_max_, kTurnBytes + event_bytes_max_)),
      keys_(turn_events_ * kKeyBytes),
      ids_(options.id_header.empty() ? 0 : turn_events_ * kIdBytes),
      headers_(options.id_header.empty() ? 0 : turn_events_),
      runs_(size_t(producer.partitions())),
      outstanding_(producer.partitions()),
      last_hand_over_(options.start) {
  if (options.rate_eps <= 0) return;
  schedule_.emplace(schedule_of(options));
  walk_.emplace(*schedule_, options.share, 0);
  if (options.length.value == INT64_MAX) return;
  const Nanos last = options.start + options.length - Nanos(1);
  end_ = std::min(end_, options.share.count_below(schedule_->due_count(last)));
}

Status Generator::run(const std::function<Wish()>& wish) {
  clock_.sleep_until(options_.start);
  while (wish() == Wish::kGoOn) {
    const Nanos now = clock_.now();
    WEIR_TRY(collect(now, Nanos(0)));
    if (!(schedule_ ? schedule_turn(now) : flood_turn(now))) break;
    WEIR_TRY(std::exchange(ledger_status_, {}));
  }
  WEIR_TRY(drain(wish));
  log_.finish(feed_);
  return {};
}

bool Generator::schedule_turn(Nanos now) {
  drop_late(now);
  const uint64_t due_now = std::min(end_, options_.share.count_below(schedule_->due_count(now)));
  if (next_ < due_now) {
    const int64_t second = walk_->due().second();
    begin_runs();
    Offered& row = open_[second];
    size_t n = 0;
    for (; n < turn_events_ && next_ < due_now && walk_->due().second() == second && has_room();
         ++n) {
      encode(walk_->index(), walk_->due());
      row.send_lag.record((now - walk_->due()).micros());
      walk_->advance();
      ++next_;
    }
    row.scheduled += n;
    const uint64_t accepted = hand_over(now);
    row.handed_over += accepted;
    row.refused += n - accepted;
  }
  close_settled(next_ < end_ ? walk_->due().second() : INT64_MAX);
  if (next_ >= due_now && next_ < end_) clock_.sleep_until(now + kTurn);
  return next_ < end_;
}

bool Generator::flood_turn(Nanos now) {
  if (next_ >= end_ || now - options_.start >= options_.length) return false;
  const size_t most = size_t(std::min<uint64_t>(turn_events_, end_ - next_));
  begin_runs();
  size_t n = 0;
  for (; n < most && has_room(); ++n) encode(options_.share.index(next_ + n), now);
  Offered& row = open_[now.second()];
  // What finds no room is not refused but made again next turn: nothing was due at a given time.
  // Partitions take their own prefixes, so indexes are counted rather than kept.
  const uint64_t accepted = hand_over(now);
  next_ += accepted;
  row.scheduled += accepted;
  row.handed_over += accepted;
  row.send_lag.record(0, int64_t(accepted));
  close_settled(now.second());
  // A bounded queue that is full empties with the outcomes.
  if (accepted < n) ledger_status_ = collect(clock_.now(), kTurn);
  return true;
}

// Events that the pacer reaches over a second after they were due are counted and dropped: sent
// now, they would be a burst that the schedule never had.
void Generator::drop_late(Nanos now) {
  const Nanos limit = now - kTooLate;
  if (next_ >= end_ || walk_->due() >= limit) return;
  const uint64_t target =
      std::min(end_, options_.share.count_below(schedule_->due_count(limit - Nanos(1))));
  while (next_ < target) {
    const int64_t second = walk_->due().second();
    const Nanos second_end((second + 1) * kSecond - 1);
    const uint64_t until =
        std::min(target, options_.share.count_below(schedule_->due_count(second_end)));
    Offered& row = open_[second];
    row.scheduled += until - next_;
    row.late += until - next_;
    next_ = until;
    walk_.emplace(*schedule_, options_.share, next_);
  }
}

void Generator::begin_runs() {
  used_ = keys_used_ = headers_used_ = 0;
  for (Run& run : runs_) {
    run.records.clear();
    run.dues.clear();
  }
}

// Ids carry the sequences that follow if everything is accepted; since what is refused is the end
// of each run, no accepted event is ever misnumbered.
void Generator::encode(uint64_t index, Nanos due) {
  const int32_t partitions = producer_.partitions();
  const bool keyed = options_.keys.is_keyed();
  const uint32_t user =
      is_plain_ && !keyed ? 0 : uint32_t(options_.keys.user(options_.seed, index));
  std::string_view key;
  if (keyed) {
    key = user_id_text(user, keys_.data() + keys_used_);
    keys_used_ += kKeyBytes;
  }
  const PartitionId partition =
      keyed ? partition_of_key(key, partitions) : partition_of(index, partitions);
  Run& run = runs_[size_t(partition.value)];
  const uint64_t sequence = run.next_sequence + run.records.size();
  const EventId id = EventId::make(due, options_.producer, uint32_t(partition.value), sequence);
  char* const begin = buffer_.data() + used_;
  const char* const end =
      is_plain_ ? encoder_.encode(begin, id, index, due) : encode_own(begin, id, index, due, user);
  used_ += size_t(end - begin);
  kafka::Record& record = run.records.emplace_back();
  record.value = {begin, size_t(end - begin)};
  // So that a record tells when it was due, whatever its bytes are.
  if (options_.event_template) record.timestamp_ms = due.millis();
  if (!headers_.empty()) {
    char* const bytes = ids_.data() + headers_used_ * kIdBytes;
    put_id_bytes(id, bytes);
    headers_[headers_used_] = {options_.id_header, {bytes, kIdBytes}};
    record.headers = {&headers_[headers_used_++], 1};
  }
  record.key = key;
  run.dues.push_back(due);
}

char* Generator::encode_own(char* into, const EventId& id, uint64_t index, Nanos due,
                            uint32_t user) {
  const int size = options_.sizes.draw(options_.seed, index, options_.event_size);
  if (!options_.event_template)
    return encoder_.encode(into, id, index, due, user,
                           payloads_.write(index, EventEncoder::payload_bytes(size)));
  EventTemplate::Content content{id, index, due, user, {}};
  if (options_.event_template->has_payload())
    content.payload =
        payloads_.write(index, options_.event_template->payload_bytes(content, size_t(size)));
  return options_.event_template->encode(into, content);
}

uint64_t Generator::hand_over(Nanos now) {
  uint64_t accepted_all = 0;
  served_first_ =
      (served_first_ + 1) % runs_.size();  // no partition is always last at a full queue
  for (size_t i = 0; i < runs_.size(); ++i) {
    const size_t p = (served_first_ + i) % runs_.size();
    Run& run = runs_[p];
    if (run.records.empty()) continue;
    const PartitionId partition{int32_t(p)};
    const uint64_t first = run.next_sequence;
    const size_t accepted = producer_.send(partition, run.records, first);
    if (accepted == 0) continue;
    const Nanos first_due = run.dues.front(), last_due = run.dues[accepted - 1];
    if (ledger_) ledger_->handed_over(partition, first + accepted - 1, first_due, last_due);
    outstanding_.add(partition, first, accepted, first_due, last_due);
    run.next_sequence += accepted;
    accepted_all += accepted;
  }
  if (accepted_all > 0) last_hand_over_ = now;
  return accepted_all;
}

Status Generator::collect(Nanos now, Nanos wait) {
  Status status;
  producer_.poll(wait, [&](const kafka::DeliveryReport& report) {
    const auto settle_part = [&](const Outstanding::Block& block, uint64_t first, uint64_t count) {
      Offered& row = open_[block.first_due.second()];
      switch (report.delivery) {
        case kafka::Delivery::kAcked:
          row.acked += count;
          for (uint64_t s = first; s < first + count; ++s)
            row.ack_time.record((now - block.due(s)).micros());
          break;
        case kafka::Delivery::kFailed:
          row.failed += count;
          break;
        case kafka::Delivery::kUnknown:
          row.unknown += count;
          break;
      }
    };
    outstanding_.settle(report.partition, report.tag_first, report.count, settle_part);
    if (report.delivery != kafka::Delivery::kAcked && first_failure_.empty())
      first_failure_ = report.error;
    if (ledger_ && status)
      status = ledger_->settle(report.partition, report.tag_first,
                               report.tag_first + report.count - 1, outcome_of(report.delivery));
  });
  return status;
}

Status Generator::drain(const std::function<Wish()>& wish) {
  const Nanos end = clock_.now() + options_.drain_limit;
  while (producer_.in_flight() > 0 && wish() != Wish::kQuit) {
    const Nanos now = clock_.now();
    if (now >= end) break;
    WEIR_TRY(collect(now, Nanos(0)));
    close_settled(INT64_MAX);
    if (producer_.in_flight() > 0) clock_.sleep_until(now + kTurn);
  }
  return give_up();
}

// What has no outcome when waiting ends is unknown; the ledger reads its gaps so.
Status Generator::give_up() {
  for (auto& [second, row] : open_) {
    row.unknown = row.handed_over - row.acked - row.failed;
    log_.close(feed_, second, row);
  }
  open_.clear();
  return std::exchange(ledger_status_, {});
}

// Closes the oldest seconds whose events are all scheduled (those before `before`) and settled.
void Generator::close_settled(int64_t before) {
  while (!open_.empty() && open_.begin()->first < before && open_.begin()->second.settled()) {
    log_.close(feed_, open_.begin()->first, open_.begin()->second);
    open_.erase(open_.begin());
  }
}

}  // namespace weir::load
