#include "weir/broker/fetches.h"

#include <algorithm>

#include "weir/base/check.h"
#include "weir/broker/reactor.h"

namespace weir::broker {
namespace {

// What one answer may hold at most, whatever the client allows; as Kafka's fetch.max.bytes.
constexpr int64_t kFetchBytesMax = 55 << 20;

wire::ErrorCode fetch_error(log::ReadOutcome outcome) {
  switch (outcome) {
    case log::ReadOutcome::kOk:
      return wire::ErrorCode::kNone;
    case log::ReadOutcome::kOutOfRange:
      return wire::ErrorCode::kOffsetOutOfRange;
    case log::ReadOutcome::kGone:
      return wire::ErrorCode::kUnknownTopicOrPartition;
    case log::ReadOutcome::kFailed:
      return wire::ErrorCode::kKafkaStorageError;
  }
  return wire::ErrorCode::kUnknownServerError;
}

// Every log that the request names and that exists, with its partition's entry.
template <class Visit>
void for_each_log(const wire::FetchRequest& request, const std::vector<TopicRef>& topics,
                  Visit visit) {
  for (size_t t = 0; t < request.topics.size(); ++t)
    for (const auto& partition : request.topics[t].partitions)
      if (const auto* log = topics[t] ? topics[t]->partition(partition.partition) : nullptr)
        visit(*log->get(), partition);
}

}  // namespace

Fetches::Collected Fetches::collect(const wire::FetchRequest& request,
                                    const std::vector<TopicRef>& topics) const {
  Collected collected;
  int64_t left = std::min<int64_t>(request.max_bytes, kFetchBytesMax);
  for (size_t t = 0; t < request.topics.size(); ++t) {
    auto& answers = collected.topics.emplace_back();
    answers.name = request.topics[t].name;
    for (const auto& asked : request.topics[t].partitions) {
      auto& answer = answers.partitions.emplace_back();
      answer.partition = asked.partition;
      const auto* log = topics[t] ? topics[t]->partition(asked.partition) : nullptr;
      if (!log) {
        answer.error = wire::ErrorCode::kUnknownTopicOrPartition;
      } else if (asked.current_leader_epoch > 0) {
        answer.error = wire::ErrorCode::kUnknownLeaderEpoch;  // ours is 0 for ever
      } else {
        const int64_t limit =
            std::max<int64_t>(0, std::min<int64_t>(left, asked.partition_max_bytes));
        auto read = (*log)->read(Offset(asked.fetch_offset), uint64_t(limit), collected.bytes == 0);
        answer.error = fetch_error(read.outcome);
        answer.high_watermark = read.high_watermark.value;
        answer.log_start = read.log_start.value;
        answer.slice = std::move(read.slice);
        collected.bytes += answer.slice.size;
        left -= int64_t(answer.slice.size);
      }
      collected.failed |= answer.error != wire::ErrorCode::kNone;
    }
  }
  return collected;
}

void Fetches::answer(const Responder& responder, Collected collected) {
  responder.send(fetch_reply(responder.version, responder.correlation_id, wire::ErrorCode::kNone,
                             std::move(collected.topics)));
}

void Fetches::start(wire::FetchRequest request, const Responder& responder, Nanos now) {
  if (request.session_id != 0)  // this broker keeps no sessions and never gave one out
    return responder.send(fetch_reply(responder.version, responder.correlation_id,
                                      wire::ErrorCode::kFetchSessionIdNotFound, {}));
  Parked fetch{std::move(request), {}, responder, {}};
  for (const auto& topic : fetch.request.topics) fetch.topics.push_back(catalog_.find(topic.name));
  auto collected = collect(fetch.request, fetch.topics);
  const bool waits = fetch.request.max_wait_ms > 0 && !fetch.request.topics.empty();
  if (!waits || is_due(collected, fetch.request)) return answer(responder, std::move(collected));
  fetch.ends = now + nanos_from_millis(fetch.request.max_wait_ms);
  park(std::move(fetch));
}

void Fetches::park(Parked fetch) {
  const uint64_t connection = fetch.responder.connection;
  WEIR_CHECK(!parked_.contains(connection));  // a new request released the one before
  if (parked_.empty()) reactor_.listen_to_logs(true);
  for_each_log(fetch.request, fetch.topics, [&](const log::PartitionLog& log, const auto&) {
    waiting_for_.emplace(&log, connection);
  });
  deadlines_.emplace(fetch.ends, connection);
  const auto& parked = parked_.emplace(connection, std::move(fetch)).first->second;
  // What became visible between the read and now was told to nobody.
  if (!may_have_something(parked)) return;
  auto collected = collect(parked.request, parked.topics);
  if (is_due(collected, parked.request)) answer(unpark(connection).responder, std::move(collected));
}

Fetches::Parked Fetches::unpark(uint64_t connection) {
  auto node = parked_.extract(connection);
  WEIR_CHECK(!node.empty());
  Parked fetch = std::move(node.mapped());
  deadlines_.erase({fetch.ends, connection});
  for_each_log(fetch.request, fetch.topics, [&](const log::PartitionLog& log, const auto&) {
    const auto [begin, end] = waiting_for_.equal_range(&log);
    for (auto entry = begin; entry != end; ++entry) {
      if (entry->second != connection) continue;
      waiting_for_.erase(entry);
      break;
    }
  });
  if (parked_.empty()) reactor_.listen_to_logs(false);
  return fetch;
}

bool Fetches::may_have_something(const Parked& fetch) {
  bool something = false;
  for_each_log(fetch.request, fetch.topics, [&](const log::PartitionLog& log, const auto& asked) {
    something |= log.high_watermark().value != asked.fetch_offset;
  });
  return something;
}

void Fetches::release(uint64_t connection) {
  if (!parked_.contains(connection)) return;
  const Parked fetch = unpark(connection);
  answer(fetch.responder, collect(fetch.request, fetch.topics));
}

void Fetches::drop(uint64_t connection) {
  if (parked_.contains(connection)) unpark(connection);
}

void Fetches::advanced(const log::PartitionLog* log) {
  std::vector<uint64_t> connections;
  const auto [begin, end] = waiting_for_.equal_range(log);
  for (auto entry = begin; entry != end; ++entry) connections.push_back(entry->second);
  for (const uint64_t connection : connections) {
    const auto found = parked_.find(connection);
    if (found == parked_.end()) continue;  // it named the log twice and is answered
    auto collected = collect(found->second.request, found->second.topics);
    if (is_due(collected, found->second.request))
      answer(unpark(connection).responder, std::move(collected));
  }
}

std::optional<Nanos> Fetches::on_turn(Nanos now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now)
    release(deadlines_.begin()->second);
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

}  // namespace weir::broker
