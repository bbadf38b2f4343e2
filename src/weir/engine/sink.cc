#include "weir/engine/sink.h"

#include <algorithm>

namespace weir::engine {
namespace {
constexpr Nanos kRoomPoll = nanos_from_millis(10);

std::vector<kafka::Header> views_of(const HeaderList& headers) {
  std::vector<kafka::Header> views;
  for (const auto& [key, value] : headers) views.push_back({key, value});
  return views;
}
}  // namespace

Result<std::unique_ptr<Sink>> Sink::open(const Connections& connections, const std::string& topic,
                                         const std::string& query) {
  auto producer = WEIR_TRY(connections.producer(topic));
  return std::unique_ptr<Sink>(new Sink(std::move(producer), query));
}

HeaderList Sink::headers_for(OutputKind kind, int64_t batch) const {
  return to_headers({kind, query_, batch, attempt_});
}

Status Sink::send_fences(int64_t attempt) {
  attempt_ = attempt;
  const HeaderList headers = headers_for(OutputKind::kFence, -1);
  const auto views = views_of(headers);
  kafka::Record fence;
  fence.headers = views;
  for (int32_t p = 0; p < partitions(); ++p)
    WEIR_TRY(send_all(PartitionId(p), std::span(&fence, 1), nullptr));
  return {};
}

Status Sink::send_receipt(int64_t batch, const std::string& json) {
  const HeaderList headers = headers_for(OutputKind::kReceipt, batch);
  const auto views = views_of(headers);
  kafka::Record receipt;
  receipt.value = json;
  receipt.headers = views;
  return send_all(PartitionId(int32_t(batch % partitions())), std::span(&receipt, 1), nullptr);
}

Status Sink::send_chunk(int64_t batch, const Chunk& chunk, const std::function<bool()>& stop) {
  const HeaderList headers = headers_for(OutputKind::kEvent, batch);
  const auto views = views_of(headers);
  std::vector<kafka::Record> records(chunk.entries.size());
  for (size_t i = 0; i < records.size(); ++i) {
    records[i].key = chunk.key(chunk.entries[i]);
    records[i].value = chunk.value(chunk.entries[i]);
    records[i].headers = views;
  }
  return send_all(chunk.partition, records, stop);
}

Status Sink::send_all(PartitionId partition, std::span<const kafka::Record> records,
                      const std::function<bool()>& stop) {
  while (true) {
    const size_t accepted = producer_->send(partition, records, next_tag_);
    next_tag_ += accepted;
    records = records.subspan(accepted);
    if (records.empty()) return {};
    WEIR_TRY(settle(kRoomPoll));
    if (stop && stop()) return fail(Code::kInterrupted, "stopped while results were being written");
  }
}

Result<bool> Sink::settle(Nanos limit) {
  producer_->poll(limit, [this](const kafka::DeliveryReport& report) {
    if (report.delivery != kafka::Delivery::kAcked) {
      if (failure_.empty()) failure_ = report.error.empty() ? "no reason was given" : report.error;
    } else if (report.offset_first < 0) {
      exact_ = false;
    } else {
      int64_t& end = ends_[report.partition.value];
      end = std::max(end, report.offset_first + int64_t(report.count));
    }
  });
  if (!failure_.empty())
    return fail(Code::kTimeout, "the broker did not take an output record", failure_,
                "weir stream begins a new attempt and writes what is missing");
  return producer_->in_flight() == 0;
}

}  // namespace weir::engine
