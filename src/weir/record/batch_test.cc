#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "weir/base/crc32c.h"
#include "weir/record/batch_builder.h"
#include "weir/record/batch_view.h"
#include "weir/record/record_reader.h"
#include "weir/record/varint.h"

namespace weir::record {
namespace {

constexpr Codec kCodecs[] = {Codec::kNone, Codec::kGzip, Codec::kSnappy, Codec::kLz4, Codec::kZstd};

struct Read {
  int64_t offset, timestamp_ms;
  std::string key, value;
  bool null_key, null_value;
  std::vector<std::pair<std::string, std::string>> headers;
  bool operator==(const Read&) const = default;
};

std::vector<Read> read_all(const BatchView& batch, Fault& fault) {
  std::vector<Read> all;
  RecordReader reader;
  reader.open(batch);
  RecordView r;
  while (reader.next(r)) {
    Read read{r.offset,
              r.timestamp_ms,
              std::string(r.key),
              std::string(r.value),
              r.key.data() == nullptr,
              r.value.data() == nullptr,
              {}};
    for (const Header& h : r.headers()) read.headers.emplace_back(h.key, h.value);
    all.push_back(std::move(read));
  }
  fault = reader.fault();
  return all;
}

std::string build_sample(Codec codec, const ProducerStamp& stamp = {}) {
  BatchBuilder builder(codec);
  const Header headers[] = {{"weir-kind", "event"}, {"empty", ""}, {"null", {}}};
  builder.append(1000, "key", "value");
  builder.append(998, {}, std::string(300, 'x'), headers);
  builder.append(1200, "", {});
  builder.append(1200, "k", "last");
  return std::string(builder.finish(stamp));
}

BatchView view(const std::string& bytes) {
  auto batch = BatchView::first(bytes);
  EXPECT_TRUE(batch.has_value());
  return *batch;
}

// Recomputes the checksum after a test has changed bytes below it.
void reseal(std::string& bytes) { store_be(bytes.data() + 17, crc32c(bytes.substr(21))); }

TEST(Varint, KeepsEveryLengthOfNumber) {
  for (int bit = 0; bit < 64; ++bit)
    for (const int64_t x : {int64_t(1ull << bit), int64_t(-(1ull << bit)), int64_t(~0ull >> bit)}) {
      char bytes[kVarintBytesMax];
      const char* end = write_varint(bytes, x);
      EXPECT_EQ(size_t(end - bytes), varint_bytes(x));
      int64_t back = 0;
      EXPECT_EQ(read_varint(bytes, end, back), end);
      EXPECT_EQ(back, x);
      EXPECT_EQ(read_varint(bytes, end - 1, back), nullptr) << "cut";
    }
  const std::string endless(11, '\xff');
  int64_t x;
  EXPECT_EQ(read_varint(endless.data(), endless.data() + endless.size(), x), nullptr);
}

TEST(Batch, GivesBackWhatWasAppendedWithEveryCodec) {
  for (const Codec codec : kCodecs) {
    SCOPED_TRACE(to_text(codec));
    std::string bytes = build_sample(codec, {.producer_id = 77, .epoch = 3, .base_sequence = 40});
    set_base_offset(bytes, 500);
    set_leader_epoch(bytes, 9);
    const BatchView batch = view(bytes);
    EXPECT_EQ(batch.check(), Fault::kNone) << "offset and epoch are outside the checksum";
    EXPECT_EQ(batch.check_produced(), Fault::kNone);
    EXPECT_EQ(batch.codec(), codec);
    EXPECT_EQ(batch.base_offset(), 500);
    EXPECT_EQ(batch.last_offset(), 503);
    EXPECT_EQ(batch.leader_epoch(), 9);
    EXPECT_EQ(batch.record_count(), 4);
    EXPECT_EQ(batch.base_timestamp_ms(), 1000);
    EXPECT_EQ(batch.max_timestamp_ms(), 1200);
    EXPECT_EQ(batch.producer_id(), 77);
    EXPECT_EQ(batch.producer_epoch(), 3);
    EXPECT_EQ(batch.base_sequence(), 40);
    EXPECT_EQ(batch.last_sequence(), 43);
    Fault fault;
    const std::vector<Read> expected = {{500, 1000, "key", "value", false, false, {}},
                                        {501,
                                         998,
                                         "",
                                         std::string(300, 'x'),
                                         true,
                                         false,
                                         {{"weir-kind", "event"}, {"empty", ""}, {"null", ""}}},
                                        {502, 1200, "", "", false, true, {}},
                                        {503, 1200, "k", "last", false, false, {}}};
    EXPECT_EQ(read_all(batch, fault), expected);
    EXPECT_EQ(fault, Fault::kNone);
  }
}

TEST(Batch, TellsNullHeaderValuesFromEmptyOnes) {
  const std::string bytes = build_sample(Codec::kNone);
  RecordReader reader;
  ASSERT_EQ(reader.open(view(bytes)), Fault::kNone);
  RecordView record;
  ASSERT_TRUE(reader.next(record) && reader.next(record));
  const auto headers = record.headers();
  EXPECT_NE(headers[1].value.data(), nullptr);
  EXPECT_EQ(headers[2].value.data(), nullptr);
}

TEST(Batch, BuilderIsReusableAndRestamps) {
  BatchBuilder builder;
  builder.append(5, "a", "b");
  const std::string first(builder.finish());
  const std::string stamped(builder.finish({1, 2, 3}));
  EXPECT_EQ(view(stamped).producer_id(), 1);
  EXPECT_EQ(view(stamped).check(), Fault::kNone);
  builder.reset();
  builder.append(5, "a", "b");
  EXPECT_EQ(builder.finish(), first);
}

TEST(Batch, RecordBytesMaxBoundsWhatAppendAdds) {
  BatchBuilder builder;
  for (int i = 0; i < 2000; ++i) {
    const std::string value(size_t(i), 'v');
    const size_t before = builder.bytes();
    builder.append(int64_t(i) << 40, "key", value);
    EXPECT_LE(builder.bytes() - before, BatchBuilder::record_bytes_max(3, value.size()));
  }
}

TEST(Batch, SequenceWrapsBehindItsLargestValue) {
  const std::string bytes = build_sample(Codec::kNone, {1, 0, INT32_MAX - 1});
  EXPECT_EQ(view(bytes).last_sequence(), 1);
}

TEST(Batch, EveryCutIsIncomplete) {
  const std::string bytes = build_sample(Codec::kNone);
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    const auto batch = BatchView::first(std::string_view(bytes).substr(0, cut));
    ASSERT_FALSE(batch.has_value());
    EXPECT_EQ(batch.error(), Fault::kIncomplete);
  }
}

TEST(Batch, ViewsTheFirstOfSeveral) {
  const std::string one = build_sample(Codec::kNone), two = build_sample(Codec::kLz4);
  const std::string both = one + two;
  const BatchView first = view(both);
  EXPECT_EQ(first.bytes(), one);
  EXPECT_EQ(BatchView::first(std::string_view(both).substr(one.size()))->bytes(), two);
}

TEST(Batch, EveryFlippedBitBehindTheChecksumIsFound) {
  const std::string bytes = build_sample(Codec::kNone);
  for (size_t at = 17; at < bytes.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = bytes;
      bad[at] = char(bad[at] ^ (1 << bit));
      EXPECT_EQ(view(bad).check(), Fault::kBadChecksum) << at;
    }
}

TEST(Batch, RefusesWhatIsNoVersionTwoBatch) {
  std::string bytes = build_sample(Codec::kNone);
  bytes[16] = 1;
  EXPECT_EQ(BatchView::first(bytes).error(), Fault::kBadMagic);
  EXPECT_EQ(BatchView::first(std::string_view(bytes).substr(0, 17)).error(), Fault::kBadMagic);
  store_be<int32_t>(bytes.data() + 8, 48);
  EXPECT_EQ(BatchView::first(bytes).error(), Fault::kBadLength);
  store_be<int32_t>(bytes.data() + 8, -1);
  EXPECT_EQ(BatchView::first(bytes).error(), Fault::kBadLength);
}

TEST(Batch, RefusesProducedBatchesThatContradictThemselves) {
  const auto changed = [](size_t at, auto value) {
    std::string bytes = build_sample(Codec::kNone);
    store_be(bytes.data() + at, value);
    reseal(bytes);
    return view(bytes).check_produced();
  };
  EXPECT_EQ(changed(57, int32_t(4)), Fault::kNone);
  EXPECT_EQ(changed(57, int32_t(5)), Fault::kBadHeader) << "more records than offsets";
  EXPECT_EQ(changed(57, int32_t(3)), Fault::kBadHeader) << "a hole";
  EXPECT_EQ(changed(57, int32_t(-1)), Fault::kBadHeader);
  EXPECT_EQ(changed(23, int32_t(-1)), Fault::kBadHeader);
  EXPECT_EQ(changed(21, int16_t(5)), Fault::kBadHeader) << "unknown codec";
  EXPECT_EQ(changed(21, int16_t(32)), Fault::kBadHeader) << "control batch";
  EXPECT_EQ(changed(43, int64_t(9)), Fault::kBadHeader) << "a producer id without sequence";
}

TEST(Batch, AppendTimeReplacesTheRecordsTimes) {
  std::string bytes = build_sample(Codec::kNone);
  store_be<int16_t>(bytes.data() + 21, 8);
  store_be<int64_t>(bytes.data() + 35, 5555);
  reseal(bytes);
  Fault fault;
  for (const Read& read : read_all(view(bytes), fault)) EXPECT_EQ(read.timestamp_ms, 5555);
}

TEST(Batch, RandomDamageIsSurvivedInEveryCodec) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (const Codec codec : kCodecs) {
    const std::string bytes = build_sample(codec);
    for (int round = 0; round < 2000; ++round) {
      std::string bad = bytes;
      for (unsigned changes = 1 + random() % 4; changes > 0; --changes)
        bad[23 + random() % (bad.size() - 23)] = char(random());
      Fault fault;
      for (const Read& read : read_all(view(bad), fault)) EXPECT_LE(read.value.size(), 1u << 20);
      RecordReader reader;
      (void)first_at_or_after(view(bad), 1100, reader);
      (void)with_max_timestamp(view(bad), reader);
    }
  }
}

TEST(Batch, RecordsThatLieAreFoundWithoutReadingBeyondThem) {
  const std::string bytes = build_sample(Codec::kNone);
  int found = 0;
  for (size_t at = kBatchHeaderBytes; at < bytes.size(); ++at)
    for (const char evil : {'\xff', '\x00', '\x7f', '\x80', '\x01'}) {
      std::string bad = bytes;
      bad[at] = evil;
      Fault fault;
      read_all(view(bad), fault);
      found += fault == Fault::kBadRecords;
    }
  EXPECT_GT(found, 20);
  // Fewer or more records announced than there are.
  for (const int32_t count : {0, 3, 5, 1'000'000}) {
    std::string bad = bytes;
    store_be(bad.data() + 57, count);
    Fault fault;
    read_all(view(bad), fault);
    EXPECT_EQ(fault, Fault::kBadRecords) << count;
  }
}

TEST(TimeLookup, FindsTheFirstRecordAtOrAfterATime) {
  for (const Codec codec : kCodecs) {
    const std::string bytes = build_sample(codec);  // times 1000, 998, 1200, 1200
    const BatchView batch = view(bytes);
    RecordReader reader;
    EXPECT_EQ(first_at_or_after(batch, 0, reader)->value(), (TimedOffset{0, 1000}));
    EXPECT_EQ(first_at_or_after(batch, 1000, reader)->value(), (TimedOffset{0, 1000}));
    EXPECT_EQ(first_at_or_after(batch, 1001, reader)->value(), (TimedOffset{2, 1200}));
    EXPECT_EQ(first_at_or_after(batch, 1200, reader)->value(), (TimedOffset{2, 1200}));
    EXPECT_FALSE(first_at_or_after(batch, 1201, reader)->has_value());
    EXPECT_EQ(with_max_timestamp(batch, reader)->value(), (TimedOffset{2, 1200}));
  }
}

TEST(Compression, ExpandsWhatItCompressed) {
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += "event " + std::to_string(i * i % 977) + ",";
  for (const Codec codec : kCodecs)
    for (const size_t size : {size_t(1), size_t(100), size_t(65'536), text.size()}) {
      const std::string in = text.substr(0, size);
      std::string packed, out;
      compress(codec, in, packed);
      ASSERT_TRUE(expand(codec, packed, out)) << to_text(codec) << " " << size;
      EXPECT_EQ(out, in);
      EXPECT_TRUE(expand(codec, packed, out, size)) << "exactly at the bound";
      EXPECT_FALSE(expand(codec, packed, out, size - 1)) << to_text(codec) << " beyond the bound";
    }
}

TEST(Compression, RefusesEveryCut) {
  const std::string in(2000, 'q');
  for (const Codec codec : {Codec::kGzip, Codec::kSnappy, Codec::kLz4, Codec::kZstd}) {
    std::string packed, out;
    compress(codec, in, packed);
    // A xerial frame may end behind its header: it is then empty.
    for (size_t cut = 0; cut < packed.size(); ++cut)
      if (expand(codec, std::string_view(packed).substr(0, cut), out)) {
        EXPECT_EQ(codec, Codec::kSnappy);
        EXPECT_TRUE(out.empty());
      }
  }
}

TEST(Compression, BombsStayWithinTheBound) {
  std::string bomb(64 << 20, '\0');
  for (const Codec codec : {Codec::kGzip, Codec::kLz4, Codec::kZstd}) {
    std::string packed, out;
    compress(codec, bomb, packed);
    EXPECT_FALSE(expand(codec, packed, out, 1 << 20));
    EXPECT_LE(out.capacity(), size_t(4 << 20));
  }
  // A raw snappy block that claims 1 GiB in a few bytes.
  std::string out;
  EXPECT_FALSE(expand(Codec::kSnappy, std::string("\x80\x80\x80\x80\x04\x00", 6), out, 2ull << 30));
}

}  // namespace
}  // namespace weir::record
