#include "weir/record/record_reader.h"

#include "weir/record/varint.h"

namespace weir::record {
namespace {

// Reads a length and that many bytes, -1 giving null; returns the position behind, nullptr when
// the bytes do not hold it. `null_allowed` is false for header keys.
const char* read_bytes(const char* at, const char* end, bool null_allowed, std::string_view& out) {
  int64_t length = 0;
  at = read_varint(at, end, length);
  if (!at) return nullptr;
  if (length == -1 && null_allowed) {
    out = {};
    return at;
  }
  if (length < 0 || length > end - at) return nullptr;
  out = std::string_view(at, size_t(length));
  return at + length;
}

const char* read_header(const char* at, const char* end, Header& header) {
  at = read_bytes(at, end, false, header.key);
  return at ? read_bytes(at, end, true, header.value) : nullptr;
}

// Whether exactly `count` headers fill at..end.
bool are_headers(const char* at, const char* end, int64_t count) {
  Header header;
  for (; count > 0; --count) {
    at = read_header(at, end, header);
    if (!at) return false;
  }
  return at == end;
}

}  // namespace

std::vector<Header> RecordView::headers() const {
  std::vector<Header> headers{size_t(header_count)};
  const char* at = header_bytes.data();
  const char* const end = at + header_bytes.size();
  for (Header& header : headers) at = read_header(at, end, header);
  return headers;
}

Fault RecordReader::open(const BatchView& batch) {
  std::string_view records = batch.record_bytes();
  fault_ = Fault::kNone;
  records_left_ = batch.record_count();
  base_offset_ = batch.base_offset();
  last_offset_delta_ = batch.last_offset_delta();
  base_timestamp_ms_ = batch.base_timestamp_ms();
  append_time_ms_.reset();
  if (batch.is_append_time()) append_time_ms_ = batch.max_timestamp_ms();
  // A batch that compaction has emptied may still name a codec.
  if (batch.codec() != Codec::kNone && !records.empty()) {
    if (!expand(batch.codec(), records, expanded_, expanded_bytes_max_)) {
      records_left_ = 0;
      return fault_ = Fault::kBadRecords;
    }
    records = expanded_;
  }
  at_ = records.data();
  end_ = at_ + records.size();
  return Fault::kNone;
}

bool RecordReader::next(RecordView& record) {
  if (records_left_ <= 0) {
    if (fault_ == Fault::kNone && at_ != end_) fault_ = Fault::kBadRecords;
    return false;
  }
  --records_left_;
  int64_t length = 0;
  const char* const body = read_varint(at_, end_, length);
  if (!body || length < 0 || length > end_ - body || !read(record, body, body + length)) {
    fault_ = Fault::kBadRecords;
    records_left_ = 0;
    return false;
  }
  at_ = body + length;
  return true;
}

bool RecordReader::read(RecordView& record, const char* at, const char* end) const {
  if (at == end) return false;
  ++at;  // the record's own attributes: none is defined
  int64_t timestamp_delta = 0, offset_delta = 0, header_count = 0;
  at = read_varint(at, end, timestamp_delta);
  if (at) at = read_varint(at, end, offset_delta);
  if (!at || offset_delta < 0 || offset_delta > last_offset_delta_) return false;
  at = read_bytes(at, end, true, record.key);
  if (at) at = read_bytes(at, end, true, record.value);
  if (at) at = read_varint(at, end, header_count);
  // A header takes two bytes at least, so a larger count cannot be true.
  if (!at || header_count < 0 || header_count > (end - at) / 2) return false;
  if (!are_headers(at, end, header_count)) return false;
  record.offset = int64_t(uint64_t(base_offset_) + uint64_t(offset_delta));
  // Unsigned: times from outside may overflow, and must not be undefined behaviour.
  const auto own_time = int64_t(uint64_t(base_timestamp_ms_) + uint64_t(timestamp_delta));
  record.timestamp_ms = append_time_ms_.value_or(own_time);
  record.header_count = int32_t(header_count);
  record.header_bytes = std::string_view(at, size_t(end - at));
  return true;
}

tl::expected<std::optional<TimedOffset>, Fault> first_at_or_after(const BatchView& batch,
                                                                  int64_t timestamp_ms,
                                                                  RecordReader& reader) {
  if (batch.max_timestamp_ms() < timestamp_ms) return std::nullopt;
  reader.open(batch);
  RecordView record;
  while (reader.next(record))
    if (record.timestamp_ms >= timestamp_ms) return TimedOffset{record.offset, record.timestamp_ms};
  if (reader.fault() != Fault::kNone) return tl::unexpected(reader.fault());
  return std::nullopt;
}

tl::expected<std::optional<TimedOffset>, Fault> with_max_timestamp(const BatchView& batch,
                                                                   RecordReader& reader) {
  reader.open(batch);
  std::optional<TimedOffset> latest;
  RecordView record;
  while (reader.next(record))
    if (!latest || record.timestamp_ms > latest->timestamp_ms)
      latest = TimedOffset{record.offset, record.timestamp_ms};
  if (reader.fault() != Fault::kNone) return tl::unexpected(reader.fault());
  return latest;
}

}  // namespace weir::record
