#include "weir/record/batch_view.h"

#include "weir/base/check.h"
#include "weir/base/crc32c.h"

namespace weir::record {
namespace {

constexpr size_t kMagicAt = 16;
constexpr size_t kLeaderEpochAt = 12;
constexpr size_t kChecksummedFrom = 21;  // from the attributes to the end

}  // namespace

const char* to_text(Codec codec) {
  switch (codec) {
    case Codec::kNone:
      return "none";
    case Codec::kGzip:
      return "gzip";
    case Codec::kSnappy:
      return "snappy";
    case Codec::kLz4:
      return "lz4";
    case Codec::kZstd:
      return "zstd";
  }
  return "unknown codec";
}

const char* to_text(Fault fault) {
  switch (fault) {
    case Fault::kNone:
      return "no fault";
    case Fault::kIncomplete:
      return "the batch is cut off";
    case Fault::kBadLength:
      return "the batch's length is too small";
    case Fault::kBadMagic:
      return "the batch is not of format version 2";
    case Fault::kBadChecksum:
      return "the batch's checksum is wrong";
    case Fault::kBadHeader:
      return "the batch's header contradicts itself";
    case Fault::kBadRecords:
      return "the batch's records cannot be read";
  }
  return "unknown fault";
}

tl::expected<BatchView, Fault> BatchView::first(std::string_view bytes) {
  if (bytes.size() < kBatchPrefixBytes) return tl::unexpected(Fault::kIncomplete);
  const auto length = load_be<int32_t>(bytes.data() + 8);
  if (length < int32_t(kBatchHeaderBytes - kBatchPrefixBytes))
    return tl::unexpected(Fault::kBadLength);
  // The magic is judged as soon as it is there, so that older formats are not taken for a torn
  // tail.
  if (bytes.size() > kMagicAt && bytes[kMagicAt] != kBatchMagic)
    return tl::unexpected(Fault::kBadMagic);
  const size_t size = kBatchPrefixBytes + size_t(length);
  if (bytes.size() < size) return tl::unexpected(Fault::kIncomplete);
  return BatchView(bytes.substr(0, size));
}

Fault BatchView::check() const {
  if (crc32c(bytes_.substr(kChecksummedFrom)) != checksum()) return Fault::kBadChecksum;
  const bool counts_agree = last_offset_delta() >= 0 && record_count() >= 0 &&
                            int64_t(record_count()) <= int64_t(last_offset_delta()) + 1;
  const bool codec_known = (attributes() & 7) <= int(Codec::kZstd);
  return counts_agree && codec_known ? Fault::kNone : Fault::kBadHeader;
}

Fault BatchView::check_produced() const {
  if (const Fault fault = check(); fault != Fault::kNone) return fault;
  const bool dense =
      record_count() >= 1 && int64_t(record_count()) == int64_t(last_offset_delta()) + 1;
  const bool sequenced = producer_id() < 0 || (base_sequence() >= 0 && producer_epoch() >= 0);
  return dense && sequenced && !is_control() ? Fault::kNone : Fault::kBadHeader;
}

void set_base_offset(std::span<char> batch, int64_t base_offset) {
  WEIR_CHECK_LE(kBatchHeaderBytes, batch.size());
  store_be(batch.data(), base_offset);
}

void set_leader_epoch(std::span<char> batch, int32_t leader_epoch) {
  WEIR_CHECK_LE(kBatchHeaderBytes, batch.size());
  store_be(batch.data() + kLeaderEpochAt, leader_epoch);
}

}  // namespace weir::record
