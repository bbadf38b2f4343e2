#include "weir/record/batch_builder.h"

#include <algorithm>
#include <cstring>

#include "weir/base/check.h"
#include "weir/base/crc32c.h"
#include "weir/record/compression.h"
#include "weir/record/varint.h"

namespace weir::record {
namespace {

constexpr size_t kFirstCapacity = 16 << 10;

int64_t length_or_null(std::string_view bytes) { return bytes.data() ? int64_t(bytes.size()) : -1; }
size_t nullable_bytes(std::string_view bytes) {
  return varint_bytes(length_or_null(bytes)) + bytes.size();
}
char* write_nullable(char* to, std::string_view bytes) {
  to = write_varint(to, length_or_null(bytes));
  if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  return to + bytes.size();
}
// Header keys cannot be null.
std::string_view header_key(const Header& header) {
  return header.key.data() ? header.key : std::string_view("");
}

}  // namespace

BatchBuilder::BatchBuilder(Codec codec) : codec_(codec) { reserve(kFirstCapacity); }

void BatchBuilder::reserve(size_t more) {
  if (capacity_ - size_ >= more && buffer_) return;
  const size_t capacity = std::max(size_ + more, capacity_ * 2);
  // Not zeroed: every byte is written before it is read.
  auto larger = std::make_unique_for_overwrite<char[]>(capacity);
  if (buffer_) std::memcpy(larger.get(), buffer_.get(), size_);
  buffer_ = std::move(larger);
  capacity_ = capacity;
}

void BatchBuilder::append(int64_t timestamp_ms, std::string_view key, std::string_view value,
                          std::span<const Header> headers) {
  if (record_count_ == 0) base_timestamp_ms_ = max_timestamp_ms_ = timestamp_ms;
  max_timestamp_ms_ = std::max(max_timestamp_ms_, timestamp_ms);
  const int64_t timestamp_delta = timestamp_ms - base_timestamp_ms_;
  size_t body = 1 + varint_bytes(timestamp_delta) + varint_bytes(record_count_) +
                nullable_bytes(key) + nullable_bytes(value) + varint_bytes(int64_t(headers.size()));
  for (const Header& header : headers)
    body += nullable_bytes(header_key(header)) + nullable_bytes(header.value);
  reserve(kVarintBytesMax + body);
  WEIR_CHECK_LE(size_ + kVarintBytesMax + body, size_t(INT32_MAX));

  char* to = buffer_.get() + size_;
  to = write_varint(to, int64_t(body));
  *to++ = 0;  // attributes: none is defined
  to = write_varint(to, timestamp_delta);
  to = write_varint(to, record_count_);
  to = write_nullable(to, key);
  to = write_nullable(to, value);
  to = write_varint(to, int64_t(headers.size()));
  for (const Header& header : headers) {
    to = write_nullable(to, header_key(header));
    to = write_nullable(to, header.value);
  }
  size_ = size_t(to - buffer_.get());
  ++record_count_;
}

std::string_view BatchBuilder::finish(const ProducerStamp& stamp) {
  WEIR_CHECK_LE(1, record_count_);
  if (codec_ == Codec::kNone) {
    write_header(buffer_.get(), size_, stamp);
    return {buffer_.get(), size_};
  }
  compressed_.assign(kBatchHeaderBytes, '\0');
  const std::string_view records(buffer_.get() + kBatchHeaderBytes, size_ - kBatchHeaderBytes);
  compress(codec_, records, compressed_);
  write_header(compressed_.data(), compressed_.size(), stamp);
  return compressed_;
}

void BatchBuilder::write_header(char* to, size_t size, const ProducerStamp& stamp) const {
  store_be<int64_t>(to, 0);
  store_be(to + 8, int32_t(size - kBatchPrefixBytes));
  store_be<int32_t>(to + 12, -1);  // leader epoch: the broker's
  to[16] = kBatchMagic;
  store_be(to + 21, int16_t(codec_));
  store_be(to + 23, record_count_ - 1);
  store_be(to + 27, base_timestamp_ms_);
  store_be(to + 35, max_timestamp_ms_);
  store_be(to + 43, stamp.producer_id);
  store_be(to + 51, stamp.epoch);
  store_be(to + 53, stamp.base_sequence);
  store_be(to + 57, record_count_);
  store_be(to + 17, crc32c(std::string_view(to + 21, size - 21)));
}

void BatchBuilder::reset() {
  size_ = kBatchHeaderBytes;
  record_count_ = 0;
}

}  // namespace weir::record
