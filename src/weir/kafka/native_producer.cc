#include "weir/kafka/native_producer.h"

#include <algorithm>

#include "weir/base/check.h"
#include "weir/kafka/failures.h"
#include "weir/wire/messages/init_producer_id.h"

namespace weir::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using wire::ErrorCode;

constexpr size_t kRequestsMost = 5;     // per broker; brokers remember five batches per producer
constexpr int16_t kProduceVersion = 7;  // the last with plain lengths
constexpr int16_t kInitVersion = 1;
constexpr auto kIdentityLimit = std::chrono::seconds(10);
constexpr Nanos kIdentityPause = nanos_from_millis(20);
constexpr auto kExpiryPause = milliseconds(500);
constexpr size_t kSpareBatches = 64;
constexpr size_t kRequestBytesMost = 32 << 20;  // well below what brokers accept

int64_t now_ms() {
  return std::chrono::duration_cast<milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// Whether the same batch may be stored if it is sent again later.
bool is_retriable(ErrorCode error) {
  switch (error) {
    case ErrorCode::kCorruptMessage:
    case ErrorCode::kUnknownTopicOrPartition:
    case ErrorCode::kLeaderNotAvailable:
    case ErrorCode::kNotLeaderOrFollower:
    case ErrorCode::kRequestTimedOut:
    case ErrorCode::kBrokerNotAvailable:
    case ErrorCode::kReplicaNotAvailable:
    case ErrorCode::kNetworkException:
    case ErrorCode::kCoordinatorLoadInProgress:
    case ErrorCode::kNotEnoughReplicas:
    case ErrorCode::kNotEnoughReplicasAfterAppend:
    case ErrorCode::kKafkaStorageError:
    case ErrorCode::kFencedLeaderEpoch:
    case ErrorCode::kUnknownLeaderEpoch:
    case ErrorCode::kThrottlingQuotaExceeded:
      return true;
    default:
      return false;
  }
}

// Whether the batch may be stored although this error came.
bool leaves_doubt(ErrorCode error) {
  return error == ErrorCode::kRequestTimedOut ||
         error == ErrorCode::kNotEnoughReplicasAfterAppend ||
         error == ErrorCode::kNetworkException || error == ErrorCode::kUnknownServerError;
}

int32_t after(int32_t sequence, int32_t count) {
  return int32_t((int64_t(sequence) + count) & INT32_MAX);  // wraps from 2^31 - 1 to 0
}

// A broker that just started answers so until it was given producer ids to hand out.
bool is_passing(ErrorCode error) {
  return error == ErrorCode::kCoordinatorLoadInProgress ||
         error == ErrorCode::kCoordinatorNotAvailable || error == ErrorCode::kNotCoordinator ||
         error == ErrorCode::kRequestTimedOut;
}

Result<wire::InitProducerIdResponse> first_identity(Cluster& cluster) {
  const auto end = steady_clock::now() + kIdentityLimit;
  while (true) {
    Connection* anybody = cluster.anybody();
    if (!anybody) return tl::unexpected(cluster.unreachable());
    const auto answer = WEIR_TRY(cluster.call<wire::InitProducerIdResponse>(
        *anybody, wire::InitProducerIdRequest{}, kInitVersion));
    if (answer.error == ErrorCode::kNone) return answer;
    if (!is_passing(answer.error) || steady_clock::now() >= end)
      return tl::unexpected(
          refusal(int16_t(answer.error), "asking for a producer id", cluster.brokers(), {}));
    cluster.turn(kIdentityPause);
  }
}

}  // namespace

NativeProducer::NativeProducer(std::unique_ptr<Cluster> cluster, std::string topic,
                               const ProducerSettings& settings)
    : cluster_(std::move(cluster)),
      topic_(std::move(topic)),
      settings_(settings),
      lanes_(size_t(cluster_->partitions())) {
  cluster_->set_user([this](Connection& c, const Response& r) { on_response(c, r); },
                     [this](Connection& c) { on_lost(c); });
}

Result<std::unique_ptr<Producer>> NativeProducer::open(const ClientConfig& client,
                                                       const std::string& topic,
                                                       const ProducerOptions& options) {
  const auto settings = WEIR_TRY(producer_settings(client, options));
  auto cluster = WEIR_TRY(Cluster::open(client, topic));
  std::unique_ptr<NativeProducer> producer(new NativeProducer(std::move(cluster), topic, settings));
  if (settings.idempotent) {
    const auto identity = WEIR_TRY(first_identity(*producer->cluster_));
    producer->producer_id_ = identity.producer_id;
    producer->producer_epoch_ = identity.producer_epoch;
  }
  return producer;
}

std::map<std::string, std::string> NativeProducer::settings() const {
  return {{"weir.client", "native"},
          {"acks", std::to_string(settings_.acks)},
          {"enable.idempotence", settings_.idempotent ? "true" : "false"},
          {"linger.ms", std::to_string(settings_.linger_ms)},
          {"batch.size", std::to_string(settings_.batch_bytes)},
          {"compression.codec", record::to_text(settings_.codec)},
          {"message.timeout.ms", std::to_string(settings_.delivery_timeout_ms)},
          {"max.in.flight.requests.per.connection", std::to_string(kRequestsMost)},
          {"reconnect.backoff.ms", "20"},
          {"reconnect.backoff.max.ms", "200"},
          {"queue.buffering.max.messages", std::to_string(settings_.records_max)},
          {"queue.buffering.max.kbytes", std::to_string(settings_.bytes_max / 1024)}};
}

size_t NativeProducer::send(PartitionId partition, std::span<const Record> records,
                            uint64_t tag_first) {
  WEIR_CHECK_LT(size_t(partition.value), lanes_.size());
  Lane& lane = lanes_[size_t(partition.value)];
  const int64_t now = now_ms();
  size_t n = 0;
  for (; n < records.size() && in_flight_ < uint64_t(settings_.records_max); ++n) {
    const Record& record = records[n];
    const int64_t size = int64_t(record.key.size() + record.value.size());
    if (queued_bytes_ > 0 && queued_bytes_ + size > settings_.bytes_max) break;
    size_t bytes = record::BatchBuilder::record_bytes_max(record.key.size(), record.value.size());
    headers_.clear();
    for (const Header& header : record.headers) {
      headers_.push_back({header.key, header.value});
      bytes += record::BatchBuilder::record_bytes_max(header.key.size(), header.value.size());
    }
    Batch& batch = open_batch(lane, bytes);
    batch.builder.append(record.timestamp_ms < 0 ? now : record.timestamp_ms, record.key,
                         record.value, headers_);
    batch.payload += size;
    queued_bytes_ += size;
    ++in_flight_;
    const uint64_t tag = tag_first + n;
    if (!batch.tags.empty() && batch.tags.back().first + batch.tags.back().count == tag)
      ++batch.tags.back().count;
    else
      batch.tags.push_back({tag, 1});
  }
  return n;
}

// The batch that the next record of `bytes` goes into.
NativeProducer::Batch& NativeProducer::open_batch(Lane& lane, size_t bytes) {
  if (!lane.batches.empty()) {
    Batch& last = *lane.batches.back();
    if (!last.closed && last.builder.bytes() + bytes <= size_t(settings_.batch_bytes)) return last;
    last.closed = true;
  }
  if (spare_.empty()) {
    lane.batches.push_back(std::make_unique<Batch>(settings_.codec));
  } else {
    lane.batches.push_back(std::move(spare_.back()));
    spare_.pop_back();
  }
  Batch& batch = *lane.batches.back();
  batch.born = steady_clock::now();
  return batch;
}

uint64_t NativeProducer::poll(Nanos limit, const Report& f) {
  const auto end = steady_clock::now() + std::chrono::nanoseconds(limit.value);
  while (true) {
    const auto now = steady_clock::now();
    pump(now);
    const Nanos left(std::max<int64_t>(0, (end - now).count()));
    cluster_->turn(reports_.empty() ? next_deadline(now, left) : Nanos(0));
    if (!reports_.empty() || left.value == 0) break;
  }
  pump(steady_clock::now());  // an answer just read lets the next request go
  uint64_t settled = 0;
  for (const auto& report : std::exchange(reports_, {})) {
    settled += report.count;
    f(report);
  }
  return settled;
}

// How long nothing needs to be sent: until the oldest unsent batch has lingered.
Nanos NativeProducer::next_deadline(TimePoint now, Nanos limit) const {
  for (const Lane& lane : lanes_) {
    for (const auto& batch : lane.batches) {
      if (batch->sent) continue;
      const auto due = std::max(batch->born + milliseconds(settings_.linger_ms), lane.pause_until);
      // Overdue: it waits for an answer or a connection, not for the clock.
      if (due > now) limit = std::min(limit, Nanos((due - now).count()));
      break;
    }
  }
  return limit;
}

void NativeProducer::pump(TimePoint now) {
  if (now >= expire_next_) expire(now);
  if (identity_lost_) return renew_identity();
  std::vector<Connection*> seen;
  for (size_t p = 0; p < lanes_.size(); ++p) {
    if (lanes_[p].batches.empty()) continue;
    Connection* leader = cluster_->leader(PartitionId(int32_t(p)));
    if (!leader || std::find(seen.begin(), seen.end(), leader) != seen.end()) continue;
    seen.push_back(leader);
    send_to(*leader, now);
  }
}

// The lane's next batch if it may go now: lingered or full, or, in a hurry, whatever there is.
NativeProducer::Batch* NativeProducer::sendable(Lane& lane, TimePoint now, bool hurry) {
  if (now < lane.pause_until) return nullptr;
  const auto next = std::find_if(lane.batches.begin(), lane.batches.end(),
                                 [](const auto& batch) { return !batch->sent; });
  if (next == lane.batches.end()) return nullptr;
  // A refused batch waits until its successors on the way have been answered, then goes first.
  if (std::any_of(next, lane.batches.end(), [](const auto& batch) { return batch->sent; }))
    return nullptr;
  Batch& batch = **next;
  const bool ripe = batch.closed || hurry ||
                    now >= batch.born + milliseconds(settings_.linger_ms) ||
                    batch.builder.bytes() >= size_t(settings_.batch_bytes);
  return ripe ? &batch : nullptr;
}

void NativeProducer::stamp(Lane& lane, Batch& batch) {
  batch.closed = true;
  if (!settings_.idempotent || batch.base_sequence >= 0) return;
  batch.base_sequence = lane.next_sequence;
  lane.next_sequence = after(lane.next_sequence, batch.builder.record_count());
}

void NativeProducer::send_to(Connection& connection, TimePoint now) {
  const auto version = connection.version(wire::ApiKey::kProduce, kProduceVersion);
  if (!version) return;
  while (connection.awaited() < kRequestsMost && connection.unsent_bytes() == 0) {
    wire::ProduceRequest request;
    request.acks = int16_t(settings_.acks);
    request.timeout_ms = settings_.request_timeout_ms;
    auto& topic = request.topics.emplace_back();
    topic.name = topic_;
    Request sent{&connection, 0, {}};
    size_t bytes = 0;
    // Once one partition is due, all that wait for this broker go with it: one flush serves all.
    for (const bool hurry : {false, true}) {
      if (hurry && sent.parts.empty()) break;
      for (size_t p = 0; p < lanes_.size() && bytes < kRequestBytesMost; ++p) {
        if (std::any_of(sent.parts.begin(), sent.parts.end(),
                        [p](auto& part) { return part.first == p; }))
          continue;
        if (cluster_->leader(PartitionId(int32_t(p))) != &connection) continue;
        Batch* batch = sendable(lanes_[p], now, hurry);
        if (!batch) continue;
        stamp(lanes_[p], *batch);
        const std::string_view built =
            batch->builder.finish({producer_id_, producer_epoch_, batch->base_sequence});
        topic.partitions.push_back({int32_t(p), built});
        sent.parts.emplace_back(p, batch);
        batch->sent = true;
        bytes += built.size();
      }
    }
    if (sent.parts.empty()) return;
    if (settings_.acks == 0) {
      connection.send_unanswered(request, *version);
      for (auto& [lane, batch] : sent.parts) settle(lane, *batch, Delivery::kAcked, -1, {});
      continue;
    }
    sent.correlation = connection.send(request, *version);
    requests_.push_back(std::move(sent));
  }
}

void NativeProducer::on_response(Connection& connection, const Response& response) {
  if (response.api == wire::ApiKey::kInitProducerId) {
    const auto answer = wire::decode<wire::InitProducerIdResponse>(response.body, response.version);
    identity_correlation_ = 0;
    if (!answer || answer->error != ErrorCode::kNone) return;  // asked again
    producer_id_ = answer->producer_id;
    producer_epoch_ = answer->producer_epoch;
    identity_lost_ = false;
    return;
  }
  const auto found = std::find_if(requests_.begin(), requests_.end(), [&](const Request& request) {
    return request.connection == &connection && request.correlation == response.correlation;
  });
  if (found == requests_.end()) return;
  const Request request = std::move(*found);
  requests_.erase(found);
  const auto answer = wire::decode<wire::ProduceResponse>(response.body, response.version);
  for (const auto& [lane, batch] : request.parts) {
    const wire::ProduceResponse::Topic::Partition* part = nullptr;
    if (answer)
      for (const auto& topic : answer->topics)
        for (const auto& partition : topic.partitions)
          if (size_t(partition.partition) == lane) part = &partition;
    if (part)
      judge(lane, *batch, part->error, part->base_offset, part->error_message.value_or(""));
    else
      give_back(*batch, true);  // the answer left it out or cannot be read
  }
}

void NativeProducer::on_lost(Connection& connection) {
  identity_correlation_ = 0;
  for (const Request& request : requests_)
    if (request.connection == &connection)
      for (const auto& [lane, batch] : request.parts) give_back(*batch, true);
  std::erase_if(requests_, [&](const Request& r) { return r.connection == &connection; });
}

void NativeProducer::give_back(Batch& batch, bool maybe_stored) {
  batch.sent = false;
  batch.maybe_stored |= maybe_stored;
}

void NativeProducer::judge(size_t lane, Batch& batch, ErrorCode error, int64_t base_offset,
                           const std::string& said) {
  if (error == ErrorCode::kNone) return settle(lane, batch, Delivery::kAcked, base_offset, {});
  if (error == ErrorCode::kDuplicateSequenceNumber)  // stored before; where is not told
    return settle(lane, batch, Delivery::kAcked, -1, {});
  const bool is_first = lanes_[lane].batches.front().get() == &batch;
  // Behind a refused batch the broker misses its sequences: they are sent again in order.
  const bool behind =
      settings_.idempotent && error == ErrorCode::kOutOfOrderSequenceNumber && !is_first;
  if (is_retriable(error) || behind) {
    give_back(batch, leaves_doubt(error));
    lanes_[lane].pause_until = steady_clock::now() + kRefusalPause;
    return cluster_->refresh();
  }
  if (settings_.idempotent) identity_lost_ = true;  // its sequences will never come
  const bool doubt = batch.maybe_stored || leaves_doubt(error);
  settle(lane, batch, doubt ? Delivery::kUnknown : Delivery::kFailed, -1,
         said.empty() ? to_text(error) : said);
}

void NativeProducer::settle(size_t lane, Batch& batch, Delivery delivery, int64_t offset,
                            const std::string& why) {
  for (const auto& tags : batch.tags) {
    reports_.push_back({PartitionId(int32_t(lane)), tags.first, tags.count, delivery, offset, why});
    if (offset >= 0) offset += int64_t(tags.count);
    in_flight_ -= tags.count;
  }
  queued_bytes_ -= batch.payload;
  auto& batches = lanes_[lane].batches;
  const auto at = std::find_if(batches.begin(), batches.end(),
                               [&](const auto& b) { return b.get() == &batch; });
  WEIR_CHECK(at != batches.end());
  std::unique_ptr<Batch> done = std::move(*at);
  batches.erase(at);
  if (spare_.size() >= kSpareBatches) return;
  done->builder.reset();
  done->tags.clear();
  done->payload = 0;
  done->base_sequence = -1;
  done->closed = done->sent = done->maybe_stored = false;
  spare_.push_back(std::move(done));
}

// Batches that waited for longer than the delivery timeout. Those on their way are left to their
// connection, which has a limit of its own.
void NativeProducer::expire(TimePoint now) {
  expire_next_ = now + kExpiryPause;
  const auto limit = milliseconds(settings_.delivery_timeout_ms);
  for (size_t p = 0; p < lanes_.size(); ++p) {
    auto& batches = lanes_[p].batches;
    while (!batches.empty() && !batches.front()->sent && now - batches.front()->born > limit) {
      Batch& batch = *batches.front();
      if (settings_.idempotent && batch.base_sequence >= 0) identity_lost_ = true;
      settle(p, batch, batch.maybe_stored ? Delivery::kUnknown : Delivery::kFailed, -1,
             "not delivered within message.timeout.ms");
    }
  }
}

void NativeProducer::renew_identity() {
  if (!requests_.empty() || identity_correlation_ != 0) return;
  Connection* anybody = cluster_->anybody();
  if (!anybody) return;
  const auto version = anybody->version(wire::ApiKey::kInitProducerId, kInitVersion);
  if (!version) return;
  for (size_t p = 0; p < lanes_.size(); ++p) {
    Lane& lane = lanes_[p];
    lane.next_sequence = 0;
    for (size_t i = 0; i < lane.batches.size();) {
      Batch& batch = *lane.batches[i];
      batch.base_sequence = -1;
      if (batch.maybe_stored)
        settle(p, batch, Delivery::kUnknown, -1, "the broker lost track of this producer");
      else
        ++i;
    }
  }
  identity_correlation_ = anybody->send(wire::InitProducerIdRequest{}, *version);
}

}  // namespace weir::kafka
