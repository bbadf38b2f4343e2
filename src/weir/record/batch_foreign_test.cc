// Record batches that other clients built (testdata/): the same records in every codec.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "weir/record/batch_builder.h"
#include "weir/record/record_reader.h"

namespace weir::record {
namespace {

constexpr int64_t kTime = 1'700'000'000'000;

std::vector<std::pair<std::string, std::string>> foreign_batches(const char* file) {
  std::vector<std::pair<std::string, std::string>> all;
  std::ifstream in(std::filesystem::path(__FILE__).parent_path() / "testdata" / file);
  for (std::string codec, hex; in >> codec >> hex;) {
    std::string bytes;
    for (size_t at = 0; at + 1 < hex.size(); at += 2)
      bytes.push_back(char(std::stoi(hex.substr(at, 2), nullptr, 16)));
    all.emplace_back(codec, bytes);
  }
  return all;
}

void expect_records(const BatchView& batch) {
  RecordReader reader;
  ASSERT_EQ(reader.open(batch), Fault::kNone);
  RecordView record;
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.offset, 0);
  EXPECT_EQ(record.timestamp_ms, kTime);
  EXPECT_EQ(record.key, "key");
  EXPECT_EQ(record.value, "value");
  EXPECT_TRUE(record.headers().empty());
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.timestamp_ms, kTime - 10);
  EXPECT_EQ(record.key.data(), nullptr);
  EXPECT_EQ(record.value, std::string(500, 'x'));
  const auto headers = record.headers();
  ASSERT_EQ(headers.size(), 3u);
  EXPECT_EQ(headers[0].key, "kind");
  EXPECT_EQ(headers[0].value, "event");
  EXPECT_TRUE(headers[1].value.empty() && headers[1].value.data());
  EXPECT_EQ(headers[2].value.data(), nullptr);
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.offset, 2);
  EXPECT_EQ(record.timestamp_ms, kTime + 500);
  EXPECT_TRUE(record.key.empty() && record.key.data());
  EXPECT_EQ(record.value.data(), nullptr);
  EXPECT_FALSE(reader.next(record));
  EXPECT_EQ(reader.fault(), Fault::kNone);
}

class ForeignBatches : public testing::TestWithParam<const char*> {};

TEST_P(ForeignBatches, AreReadInEveryCodec) {
  const auto all = foreign_batches(GetParam());
  EXPECT_GE(all.size(), 6u);
  for (size_t i = 0; i < all.size(); ++i) {
    const auto& [codec, bytes] = all[i];
    SCOPED_TRACE(codec);
    const auto batch = BatchView::first(bytes);
    ASSERT_TRUE(batch.has_value());
    EXPECT_EQ(batch->bytes(), bytes);
    EXPECT_EQ(batch->check_produced(), Fault::kNone);
    EXPECT_EQ(to_text(batch->codec()), codec);
    EXPECT_EQ(batch->is_transactional(), i % 2 == 1);
    EXPECT_EQ(batch->record_count(), 3);
    EXPECT_EQ(batch->producer_id(), 4711);
    EXPECT_EQ(batch->producer_epoch(), 2);
    EXPECT_EQ(batch->base_sequence(), 17);
    EXPECT_EQ(batch->max_timestamp_ms(), kTime + 500);
    expect_records(*batch);
  }
}

INSTANTIATE_TEST_SUITE_P(Clients, ForeignBatches, testing::Values("kafka_python.hex", "java.hex"));

TEST(BatchBuilder, BuildsTheBytesThatKafkasOwnClientDoes) {
  const auto [codec, bytes] = foreign_batches("java.hex").at(0);
  ASSERT_EQ(codec, "none");
  BatchBuilder builder;
  const Header headers[] = {{"kind", "event"}, {"empty", ""}, {"null", {}}};
  builder.append(kTime, "key", "value");
  builder.append(kTime - 10, {}, std::string(500, 'x'), headers);
  builder.append(kTime + 500, "", {});
  EXPECT_EQ(builder.finish({.producer_id = 4711, .epoch = 2, .base_sequence = 17}), bytes);
}

}  // namespace
}  // namespace weir::record
