// HdrHistogram's V2 encoding, byte for byte as org.HdrHistogram.AbstractHistogram 2.2.2 writes it.
// docs/formats/hlog.md draws it.
#include <zlib.h>

#include <algorithm>
#include <array>

#include "weir/base/bytes.h"
#include "weir/base/check.h"
#include "weir/stats/histogram.h"

namespace weir {
namespace {
constexpr uint32_t kCookie = 0x1c849303 | 0x10, kCompressedCookie = 0x1c849304 | 0x10;
constexpr size_t kHeaderBytes = 40, kCompressedHeaderBytes = 8;
constexpr size_t kIndexes = 28 * 1024;  // what the range needs: 27 octaves and the first
constexpr size_t kNumberBytesMax = 9;
constexpr size_t kDecodedBytesMax = kHeaderBytes + kIndexes * kNumberBytesMax;
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

tl::unexpected<Error> corrupt(std::string why) {
  return fail(
      Code::kCorrupt, "cannot read an encoded histogram", std::move(why),
      "check that it was written by HdrHistogram's V2 encoding for 1 us to 24 h and 3 digits");
}

// ZigZag LEB128 with at most nine bytes: the ninth carries eight bits.
void append_number(std::string& out, int64_t number) {
  uint64_t x = uint64_t(number) << 1 ^ uint64_t(number >> 63);
  for (size_t i = 1; i < kNumberBytesMax && x >= 0x80; ++i, x >>= 7) out += char(x | 0x80);
  out += char(x);
}

// False at the end of the text within a number.
bool take_number(std::string_view& in, int64_t& number) {
  uint64_t x = 0;
  for (size_t i = 0; i < kNumberBytesMax; ++i) {
    if (in.empty()) return false;
    const uint8_t byte = uint8_t(in.front());
    in.remove_prefix(1);
    const bool last = i + 1 == kNumberBytesMax;
    x |= uint64_t(last ? byte : byte & 0x7F) << (7 * i);
    if (last || byte < 0x80) break;
  }
  number = int64_t(x >> 1) ^ -int64_t(x & 1);
  return true;
}

std::array<int8_t, 256> make_base64_values() {
  std::array<int8_t, 256> values;
  values.fill(-1);
  for (size_t i = 0; i < kBase64.size(); ++i) values[uint8_t(kBase64[i])] = int8_t(i);
  return values;
}
}  // namespace

std::string Histogram::encode_payload() const {
  std::string payload;
  const size_t end = total_ == 0 ? 1 : last_ + 1;
  for (size_t i = 0; i < end;) {
    const size_t zeros_from = i;
    while (i < end && (i - base_ >= counts_.size() || counts_[i - base_] == 0)) ++i;
    const int64_t zeros = int64_t(i - zeros_from);
    if (zeros > 0)
      append_number(payload, zeros > 1 ? -zeros : 0);
    else
      append_number(payload, counts_[i++ - base_]);
  }
  return payload;
}

std::string Histogram::encode_compressed(int level) const {
  const std::string payload = encode_payload();
  std::string plain;
  append_be(plain, kCookie);
  append_be(plain, int32_t(payload.size()));
  append_be(plain, int32_t{0});  // normalizing index offset
  append_be(plain, int32_t{kSignificantDigits});
  append_be(plain, int64_t{1});  // lowest discernible value
  append_be(plain, kHighestMicros);
  append_be(plain, std::bit_cast<int64_t>(1.0));  // integer to double conversion ratio
  plain += payload;

  uLongf size = compressBound(plain.size());
  std::string out(kCompressedHeaderBytes + size, '\0');
  const int status = compress2(reinterpret_cast<Bytef*>(out.data() + kCompressedHeaderBytes), &size,
                               reinterpret_cast<const Bytef*>(plain.data()), plain.size(), level);
  WEIR_CHECK_EQ(status, Z_OK);
  store_be(out.data(), kCompressedCookie);
  store_be(out.data() + 4, int32_t(size));
  out.resize(kCompressedHeaderBytes + size);
  return out;
}

Result<Histogram> Histogram::decode_payload(std::string_view payload) {
  Histogram histogram;
  size_t index = 0;
  while (!payload.empty()) {
    int64_t number = 0;
    if (!take_number(payload, number)) return corrupt("it ends within a number");
    if (number < 0) {
      // Compared before negation: the most negative number has no positive counterpart.
      if (number < -int64_t(kIndexes - index)) return corrupt("a run of zeros exceeds its range");
      index += size_t(-number);
      continue;
    }
    if (index >= kIndexes) return corrupt("it has more counts than its range");
    if (number > INT64_MAX - histogram.total_) return corrupt("its counts exceed 64 bits");
    if (number > 0) histogram.add_at(index, number);
    ++index;
  }
  if (histogram.total_ > 0) {
    histogram.min_ = lowest_of(histogram.first_);
    histogram.max_ = highest_of(histogram.last_);
  }
  return histogram;
}

Result<Histogram> Histogram::decode_compressed(std::string_view bytes) {
  if (bytes.size() < kCompressedHeaderBytes) return corrupt("it is too short");
  if (load_be<uint32_t>(bytes.data()) != kCompressedCookie)
    return corrupt("it does not begin with the cookie of a compressed V2 histogram");
  const int32_t size = load_be<int32_t>(bytes.data() + 4);
  if (size < 0 || size_t(size) > bytes.size() - kCompressedHeaderBytes)
    return corrupt("it is shorter than its length says");
  std::string plain(kDecodedBytesMax, '\0');
  uLongf plain_size = plain.size();
  if (uncompress(reinterpret_cast<Bytef*>(plain.data()), &plain_size,
                 reinterpret_cast<const Bytef*>(bytes.data() + kCompressedHeaderBytes),
                 uLong(size)) != Z_OK)
    return corrupt("its compressed part is damaged or too long");
  if (plain_size < kHeaderBytes) return corrupt("its header is cut");
  const char* at = plain.data();
  if (load_be<uint32_t>(at) != kCookie) return corrupt("its inner cookie is not V2's");
  const int32_t payload_size = load_be<int32_t>(at + 4);
  if (payload_size < 0 || size_t(payload_size) > plain_size - kHeaderBytes)
    return corrupt("its counts are cut");
  if (load_be<int32_t>(at + 8) != 0) return corrupt("its index is shifted");
  if (load_be<int32_t>(at + 12) != kSignificantDigits || load_be<int64_t>(at + 16) != 1 ||
      load_be<int64_t>(at + 24) != kHighestMicros ||
      load_be<int64_t>(at + 32) != std::bit_cast<int64_t>(1.0))
    return corrupt("it has another range or precision");
  return decode_payload({at + kHeaderBytes, size_t(payload_size)});
}

std::string Histogram::encode_base64(int level) const {
  const std::string bytes = encode_compressed(level);
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t have = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j)
      group = group << 8 | (j < have ? uint8_t(bytes[i + j]) : uint8_t{0});
    for (size_t j = 0; j < 4; ++j) text += j <= have ? kBase64[group >> (18 - 6 * j) & 63] : '=';
  }
  return text;
}

Result<Histogram> Histogram::decode_base64(std::string_view text) {
  static const std::array<int8_t, 256> kValues = make_base64_values();
  if (text.size() % 4 != 0) return corrupt("its base64 text is cut");
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 3);
  uint32_t group = 0;
  int bits = 0;
  for (char c : text) {
    const int8_t value = kValues[uint8_t(c)];
    if (value < 0) return corrupt("its text is not base64");
    group = group << 6 | uint32_t(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += char(group >> bits & 0xFF);
  }
  return decode_compressed(bytes);
}

}  // namespace weir
