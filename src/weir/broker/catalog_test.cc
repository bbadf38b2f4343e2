#include "weir/broker/catalog.h"

#include <gtest/gtest.h>

#include "weir/base/crc32c.h"
#include "weir/sys/fake_disk.h"

namespace weir::broker {
namespace {

TEST(CatalogFile, ReadsWhatItWrites) {
  CatalogState state;
  state.cluster_id = to_text(random_uuid());
  state.producer_ids_reserved = 3000;
  state.topics = {{"events", random_uuid(), 4, {}},
                  {"kept", random_uuid(), 1, {{"retention.ms", "-1"}, {"segment.bytes", "4096"}}}};
  EXPECT_EQ(state, read_catalog(write_catalog(state)).value());
}

TEST(CatalogFile, RefusesEveryCutAndEveryChangedByte) {
  CatalogState state{"cluster", 0, {{"t", random_uuid(), 2, {{"retention.ms", "5"}}}}};
  const std::string text = write_catalog(state);
  for (size_t n = 0; n < text.size(); ++n) {
    EXPECT_FALSE(read_catalog(text.substr(0, n)).has_value()) << n;
    std::string changed = text;
    changed[n] ^= 1;
    EXPECT_FALSE(read_catalog(changed).has_value()) << n;
  }
}

TEST(CatalogFile, WritesIdsAsKafkaDoes) {
  wire::Uuid id;
  for (size_t i = 0; i < id.bytes.size(); ++i) id.bytes[i] = uint8_t(i);
  EXPECT_EQ("AAECAwQFBgcICQoLDA0ODw", to_text(id));  // Python's urlsafe_b64encode, unpadded
}

class CatalogTest : public testing::Test {
 protected:
  void open() {
    catalog.reset();
    store.reset();
    ASSERT_TRUE(disk.make_folders("/data").has_value());
    log::LogStoreOptions options;
    options.folder = "/data";
    auto opened = log::LogStore::open(disk, clock, options);
    ASSERT_TRUE(opened.has_value()) << to_text(opened.error());
    store = std::move(*opened);
    auto read = Catalog::open(disk, *store, "/data");
    ASSERT_TRUE(read.has_value()) << to_text(read.error());
    catalog = std::move(*read);
  }
  FakeDisk disk;
  FakeClock clock;
  std::unique_ptr<log::LogStore> store;
  std::unique_ptr<Catalog> catalog;
};

TEST_F(CatalogTest, KeepsTopicsIdsAndSettingsOverACrash) {
  open();
  const auto made = catalog->create("events", 3, {{"retention.ms", "1000"}}).value();
  const std::string cluster = catalog->cluster_id();
  catalog.reset();
  store.reset();
  disk.crash(FakeDisk::Loss::kUnsynced);
  open();
  const auto found = catalog->find("events");
  ASSERT_TRUE(found);
  EXPECT_EQ(made->id, found->id);
  EXPECT_EQ(3u, found->partitions.size());
  EXPECT_EQ(1000, found->partitions[0]->config().retention_ms);
  EXPECT_EQ(cluster, catalog->cluster_id());
  EXPECT_EQ(found, catalog->find(made->id));
}

TEST_F(CatalogTest, GivesARecreatedTopicANewId) {
  open();
  const auto first = catalog->create("t", 1, {}).value();
  ASSERT_TRUE(catalog->remove("t").has_value());
  EXPECT_FALSE(catalog->find("t"));
  const auto second = catalog->create("t", 2, {}).value();
  EXPECT_FALSE(first->id == second->id);
}

TEST_F(CatalogTest, NeverGivesAProducerIdTwice) {
  open();
  const auto first = catalog->new_producer_id().value();
  EXPECT_EQ(first + 1, catalog->new_producer_id().value());
  catalog.reset();
  store.reset();
  disk.crash(FakeDisk::Loss::kUnsynced);
  open();
  EXPECT_GT(catalog->new_producer_id().value(), first + 1);
}

TEST_F(CatalogTest, AddsPartitionsButTakesNoneAway) {
  open();
  ASSERT_TRUE(catalog->create("t", 2, {}).has_value());
  EXPECT_EQ(4u, catalog->add_partitions("t", 4).value()->partitions.size());
  EXPECT_EQ(Code::kUsage, catalog->add_partitions("t", 3).error().code);
  EXPECT_EQ(Code::kNotFound, catalog->add_partitions("u", 3).error().code);
}

TEST_F(CatalogTest, SaysNoToWhatCannotBe) {
  open();
  EXPECT_EQ(Code::kUsage, catalog->create("a/b", 1, {}).error().code);
  EXPECT_EQ(Code::kUsage, catalog->create("..", 1, {}).error().code);
  EXPECT_EQ(Code::kUsage, catalog->create("t", 0, {}).error().code);
  EXPECT_EQ(Code::kUsage, catalog->create("t", 1, {{"retention.ms", "soon"}}).error().code);
  const auto unknown = catalog->create("t", 1, {{"retention.hours", "1"}});
  EXPECT_EQ(Code::kUsage, unknown.error().code);
  ASSERT_TRUE(catalog->create("t", 1, {}).has_value());
  EXPECT_EQ(Code::kAlreadyExists, catalog->create("t", 1, {}).error().code);
}

TEST_F(CatalogTest, IsWholeAfterACrashAtAnyOperation) {
  for (uint64_t at = 0; at < 60; ++at) {
    disk.crash(FakeDisk::Loss::kUnsynced);
    ASSERT_TRUE(disk.remove_all("/data").has_value());
    open();
    ASSERT_TRUE(catalog->create("old", 1, {}).has_value());
    disk.power_off_at(at);
    const bool made = catalog->create("new", 2, {}).has_value();
    const bool removed = made && catalog->remove("old").has_value();
    catalog.reset();
    store.reset();
    disk.crash(FakeDisk::Loss::kTorn, at);
    open();
    const auto topic = catalog->find("new");
    EXPECT_TRUE(topic || !made) << at;
    EXPECT_TRUE(!topic || topic->partitions.size() == 2) << at;
    EXPECT_TRUE(!removed || !catalog->find("old")) << at;
  }
}

}  // namespace
}  // namespace weir::broker
