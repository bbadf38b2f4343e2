#include "weir/kafka/native_consumer.h"

#include <algorithm>
#include <set>

#include "weir/base/bytes.h"
#include "weir/kafka/failures.h"

namespace weir::kafka {
namespace {

using std::chrono::steady_clock;
using wire::ErrorCode;

constexpr int16_t kFetchVersion = 11;      // the last with plain lengths
constexpr int32_t kAnswerBytes = 4 << 20;  // of one fetch, all partitions together
// Counts from outside never size an allocation; this much is reserved at most.
constexpr size_t kReserveMost = 32 << 10;
constexpr Nanos kLookAgain = nanos_from_millis(5);

// The type in a control record's key (int16 version, int16 type).
constexpr int16_t kAbortMarker = 0;

// Which batches of one answer belong to transactions that were aborted.
class AbortedFilter {
 public:
  explicit AbortedFilter(const wire::FetchResponse::Topic::Partition& answer) {
    if (answer.aborted_transactions) list_ = *answer.aborted_transactions;
    std::sort(list_.begin(), list_.end(),
              [](const auto& a, const auto& b) { return a.first_offset < b.first_offset; });
  }
  // Batches are given in offset order; true when this one holds nothing to read.
  bool drops(const record::BatchView& batch) {
    while (next_ < list_.size() && list_[next_].first_offset <= batch.last_offset())
      open_.insert(list_[next_++].producer_id);
    if (batch.is_control()) {
      if (is_abort(batch)) open_.erase(batch.producer_id());
      return true;
    }
    return batch.is_transactional() && open_.contains(batch.producer_id());
  }

 private:
  static bool is_abort(const record::BatchView& batch) {
    record::RecordReader reader;
    record::RecordView record;
    if (reader.open(batch) != record::Fault::kNone || !reader.next(record)) return false;
    constexpr size_t kKeyBytes = 4;
    return record.key.size() >= kKeyBytes &&
           load_be<int16_t>(record.key.data() + 2) == kAbortMarker;
  }
  std::vector<wire::FetchResponse::Topic::Partition::AbortedTransaction> list_;
  size_t next_ = 0;
  std::set<int64_t> open_;
};

}  // namespace

NativeConsumer::NativeConsumer(std::unique_ptr<Cluster> cluster, std::string topic,
                               const ConsumerSettings& settings)
    : cluster_(std::move(cluster)),
      topic_(std::move(topic)),
      settings_(settings),
      lanes_(size_t(cluster_->partitions())) {
  cluster_->set_user([this](Connection& c, const Response& r) { on_response(c, r); },
                     [this](Connection& c) {
                       std::erase_if(asked_, [&](const Asked& a) { return a.connection == &c; });
                     });
}

Result<std::unique_ptr<Consumer>> NativeConsumer::open(const ClientConfig& client,
                                                       const std::string& topic,
                                                       const ConsumerOptions& options) {
  const auto settings = WEIR_TRY(consumer_settings(client, options));
  auto cluster = WEIR_TRY(Cluster::open(client, topic));
  return std::unique_ptr<Consumer>(new NativeConsumer(std::move(cluster), topic, settings));
}

std::string NativeConsumer::where(size_t lane) const {
  return "partition " + std::to_string(lane) + " of topic " + topic_;
}

Offset NativeConsumer::position(PartitionId partition) const {
  const Lane& lane = lanes_[size_t(partition.value)];
  return Offset(lane.stored.empty() ? std::max(lane.next_read, lane.next_fetch) : lane.next_read);
}

bool NativeConsumer::connected() const {
  for (size_t p = 0; p < lanes_.size(); ++p)
    if (lanes_[p].assigned && !cluster_->leader(PartitionId(int32_t(p)))) return false;
  return cluster_->anybody() != nullptr;
}

Status NativeConsumer::assign(PartitionId partition, Offset from) {
  if (partition.value < 0 || size_t(partition.value) >= lanes_.size())
    return fail(Code::kNotFound, where(size_t(partition.value)) + " does not exist",
                "the topic has " + std::to_string(lanes_.size()) + " partitions",
                "weir topic describe shows them");
  Lane& lane = lanes_[size_t(partition.value)];
  const uint64_t assignment = lane.assignment + 1;
  lane = Lane{};
  lane.assigned = true;
  lane.assignment = assignment;
  lane.next_fetch = lane.next_read = from.value;
  return {};
}

Result<std::vector<FetchedRun>> NativeConsumer::poll(Nanos limit, size_t records_max) {
  return wait_for(limit, [&]() -> Result<std::vector<FetchedRun>> {
    std::vector<FetchedRun> runs;
    size_t left = records_max;
    for (size_t i = 0; i < lanes_.size() && left > 0; ++i) {
      const size_t lane = (served_first_ + i) % lanes_.size();
      const size_t before = runs.size();
      WEIR_TRY(take(lane, left, runs));
      if (runs.size() > before) left -= runs.back().records.size();
    }
    if (!runs.empty()) served_first_ = (size_t(runs.front().partition.value) + 1) % lanes_.size();
    return runs;
  });
}

Result<std::vector<FetchedRun>> NativeConsumer::poll(PartitionId partition, Nanos limit,
                                                     size_t records_max) {
  if (partition.value < 0 || size_t(partition.value) >= lanes_.size() ||
      !lanes_[size_t(partition.value)].assigned)
    return fail(Code::kNotFound, where(size_t(partition.value)) + " is not assigned");
  return wait_for(limit, [&]() -> Result<std::vector<FetchedRun>> {
    std::vector<FetchedRun> runs;
    WEIR_TRY(take(size_t(partition.value), records_max, runs));
    return runs;
  });
}

template <class Take>
Result<std::vector<FetchedRun>> NativeConsumer::wait_for(Nanos limit, Take take) {
  for (Lane& lane : lanes_) {
    lane.held_frames.clear();
    lane.held_readers.clear();
    lane.held_headers.clear();
  }
  const auto end = steady_clock::now() + std::chrono::nanoseconds(limit.value);
  for (bool first = true;; first = false) {
    auto runs = take();
    const auto now = steady_clock::now();
    if (!runs || !runs->empty()) {
      fetch(now);  // the next answer is on its way while the caller works on this one
      return runs;
    }
    const Nanos left(std::max<int64_t>(0, (end - now).count()));
    if (left.value == 0 && !first) return runs;
    fetch(now);
    // Partitions that pause after a refusal are looked at again soon.
    const bool pausing = std::any_of(lanes_.begin(), lanes_.end(),
                                     [&](const Lane& lane) { return lane.pause_until > now; });
    cluster_->turn(pausing ? std::min(left, kLookAgain) : left);
  }
}

Status NativeConsumer::take(size_t index, size_t records_max, std::vector<FetchedRun>& runs) {
  Lane& lane = lanes_[index];
  FetchedRun run{PartitionId(int32_t(index)), {}};
  while (!lane.stored.empty() && run.records.size() < records_max)
    if (!read_front(lane, records_max, run)) {
      if (lane.error) break;
    }
  if (!run.records.empty()) {
    runs.push_back(std::move(run));
    return {};
  }
  if (lane.error) return tl::unexpected(*lane.error);
  return {};
}

bool NativeConsumer::read_front(Lane& lane, size_t records_max, FetchedRun& run) {
  const Stored& front = lane.stored.front();
  if (!lane.reading) {
    if (!lane.reader) lane.reader = std::make_unique<record::RecordReader>();
    if (const auto fault = lane.reader->open(front.batch); fault != record::Fault::kNone) {
      lane.error = broken(size_t(run.partition.value), fault);
      return false;
    }
    lane.reading = true;
    if (run.records.empty() && front.batch.record_count() > 0)
      run.records.reserve(
          std::min({records_max, size_t(front.batch.record_count()), kReserveMost}));
  }
  record::RecordView record;
  const size_t before = run.records.size();
  bool more = true;
  while (run.records.size() < records_max && (more = lane.reader->next(record))) {
    if (record.offset < lane.next_read) continue;
    run.records.push_back({Offset(record.offset), record.timestamp_ms, record.key, record.value});
    if (record.header_count > 0)
      lane.held_headers.push_back(
          {run.records.size() - 1, record.header_bytes, record.header_count});
  }
  if (run.records.size() > before) {
    lane.next_read = run.records.back().offset.value + 1;
    if (lane.held_frames.empty() || lane.held_frames.back() != front.frame)
      lane.held_frames.push_back(front.frame);
  }
  if (more) return true;
  if (lane.reader->fault() != record::Fault::kNone) {
    lane.error = broken(size_t(run.partition.value), lane.reader->fault());
    return false;
  }
  // A reader that expanded its batch owns what the records point into.
  if (front.batch.codec() != record::Codec::kNone)
    lane.held_readers.push_back(std::move(lane.reader));
  lane.reading = false;
  lane.next_read = std::max(lane.next_read, front.batch.last_offset() + 1);
  lane.stored_bytes -= int64_t(front.batch.bytes().size());
  lane.stored.pop_front();
  return false;
}

std::vector<std::pair<std::string_view, std::string_view>> NativeConsumer::headers(
    const FetchedRun& run, size_t index) const {
  std::vector<std::pair<std::string_view, std::string_view>> all;
  const auto& held = lanes_[size_t(run.partition.value)].held_headers;
  const auto found = std::lower_bound(held.begin(), held.end(), index,
                                      [](const HeaderBytes& h, size_t i) { return h.index < i; });
  if (found == held.end() || found->index != index) return all;
  record::RecordView record;
  record.header_count = found->count;
  record.header_bytes = found->bytes;
  for (const auto& header : record.headers()) all.emplace_back(header.key, header.value);
  return all;
}

// Sends a fetch to each broker that has none to answer, for its partitions with room to read ahead.
void NativeConsumer::fetch(TimePoint now) {
  const int64_t room = std::max<int64_t>(1, settings_.prefetch_bytes / int64_t(lanes_.size()));
  std::map<Connection*, std::vector<size_t>> by_leader;
  for (size_t p = 0; p < lanes_.size(); ++p) {
    const Lane& lane = lanes_[p];
    if (!lane.assigned || lane.error || now < lane.pause_until || lane.stored_bytes >= room)
      continue;
    Connection* leader = cluster_->leader(PartitionId(int32_t(p)));
    if (leader) by_leader[leader].push_back(p);
  }
  for (auto& [leader, lanes] : by_leader)
    if (std::none_of(asked_.begin(), asked_.end(),
                     [leader = leader](const Asked& a) { return a.connection == leader; }))
      fetch_from(*leader, lanes);
}

void NativeConsumer::fetch_from(Connection& connection, const std::vector<size_t>& lanes) {
  const auto version = connection.version(wire::ApiKey::kFetch, kFetchVersion);
  if (!version) return;
  wire::FetchRequest request;
  request.max_wait_ms = settings_.fetch_wait_ms;
  request.min_bytes = 1;
  request.max_bytes = kAnswerBytes;
  request.isolation_level = kReadCommitted;
  auto& topic = request.topics.emplace_back();
  topic.name = topic_;
  Asked asked{&connection, 0, {}};
  // Brokers fill an answer in the order of the request; the first partition changes each time.
  const size_t first = lanes.size() > 1 ? asked_first_++ % lanes.size() : 0;
  for (size_t i = 0; i < lanes.size(); ++i) {
    const size_t p = lanes[(first + i) % lanes.size()];
    auto& partition = topic.partitions.emplace_back();
    partition.partition = int32_t(p);
    partition.fetch_offset = lanes_[p].next_fetch;
    partition.partition_max_bytes = settings_.partition_bytes;
    asked.lanes.emplace_back(p, lanes_[p].assignment);
  }
  asked.correlation = connection.send(request, *version);
  asked_.push_back(std::move(asked));
}

void NativeConsumer::on_response(Connection& connection, const Response& response) {
  const auto found = std::find_if(asked_.begin(), asked_.end(), [&](const Asked& asked) {
    return asked.connection == &connection && asked.correlation == response.correlation;
  });
  if (found == asked_.end()) return;
  const Asked asked = std::move(*found);
  asked_.erase(found);
  const auto answer = wire::decode<wire::FetchResponse>(response.body, response.version);
  if (!answer) return connection.fail(answer.error().what + ": " + answer.error().why);
  if (answer->error != ErrorCode::kNone) {
    for (const auto& [lane, assignment] : asked.lanes)
      if (lanes_[lane].assignment == assignment) judge(lane, answer->error);
    return;
  }
  for (const auto& topic : answer->topics)
    for (const auto& partition : topic.partitions) {
      const auto of = std::find_if(asked.lanes.begin(), asked.lanes.end(), [&](const auto& lane) {
        return int32_t(lane.first) == partition.partition;
      });
      // Assigned anew meanwhile: the answer is to a question no longer asked.
      if (of == asked.lanes.end() || lanes_[of->first].assignment != of->second) continue;
      if (partition.error != ErrorCode::kNone)
        judge(of->first, partition.error);
      else
        store(of->first, partition, response.frame);
    }
}

void NativeConsumer::store(size_t index, const wire::FetchResponse::Topic::Partition& answer,
                           const std::shared_ptr<const Frame>& frame) {
  Lane& lane = lanes_[index];
  std::string_view rest = answer.records.value_or(std::string_view());
  AbortedFilter aborted(answer);
  while (!rest.empty()) {
    const auto batch = record::BatchView::first(rest);
    if (!batch) {
      // A broker may cut the last batch of an answer short; it comes whole with the next one.
      if (batch.error() != record::Fault::kIncomplete) lane.error = broken(index, batch.error());
      return;
    }
    if (settings_.check_crcs)
      if (const auto fault = batch->check(); fault != record::Fault::kNone) {
        lane.error = broken(index, fault);
        return;
      }
    rest.remove_prefix(batch->bytes().size());
    if (batch->last_offset() < lane.next_fetch) continue;  // not asked for, or offsets that go back
    lane.next_fetch = batch->last_offset() + 1;
    if (aborted.drops(*batch)) continue;
    lane.stored.push_back({*batch, frame});
    lane.stored_bytes += int64_t(batch->bytes().size());
  }
}

// An error of the broker for one partition: passing ones are tried again, others end the reading.
void NativeConsumer::judge(size_t index, ErrorCode error) {
  Lane& lane = lanes_[index];
  if (error == ErrorCode::kOffsetOutOfRange) {
    lane.error =
        Error{Code::kFailed, "offset out of range in " + where(index),
              "offset " + std::to_string(lane.next_fetch) + " is not in the broker's log",
              "the records were removed by retention, or the topic was made anew: start from "
              "the earliest offset, with a new checkpoint"};
    return;
  }
  const bool gone = error == ErrorCode::kUnknownTopicOrPartition && cluster_->topic_missing();
  const bool denied = error == ErrorCode::kTopicAuthorizationFailed;
  if (gone || denied) {
    lane.error = refusal(int16_t(error), "reading " + where(index), cluster_->brokers(), {});
    return;
  }
  lane.pause_until = steady_clock::now() + kRefusalPause;
  cluster_->refresh();
}

Error NativeConsumer::broken(size_t lane, record::Fault fault) const {
  return Error{Code::kCorrupt, "cannot read " + where(lane),
               std::string("the broker sent a batch that is broken: ") + record::to_text(fault),
               "check the broker's disk; with -X check.crcs=true every batch is verified"};
}

}  // namespace weir::kafka
