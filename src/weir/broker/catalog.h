// The broker's topics, its cluster id and the producer ids it gives out: durable before any of it
// is told to a client.
//
// A topic's logs exist before its entry in the catalog, and its entry goes before its logs; so logs
// without an entry are what a crash left of either, and open() removes them.
//
// Threads: lookups from any thread; changes block for the disk, so they belong on the control
// thread. A Topic that was handed out never changes; a change makes a new one.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "weir/broker/catalog_file.h"
#include "weir/log/store.h"
#include "weir/sys/disk.h"

namespace weir::broker {

struct Topic {
  std::string name;
  wire::Uuid id;
  TopicSettings settings;
  std::vector<std::shared_ptr<log::PartitionLog>> partitions;

  // The log of this partition; null when there is none.
  const std::shared_ptr<log::PartitionLog>* partition(int32_t number) const {
    if (number < 0 || size_t(number) >= partitions.size()) return nullptr;
    return &partitions[size_t(number)];
  }
};
using TopicRef = std::shared_ptr<const Topic>;

class Catalog {
 public:
  static constexpr int32_t kPartitionsMax = 10'000;  // of one topic

  // Reads `folder`/catalog, or begins one. kCorrupt when there are logs but no catalog, or the
  // other way round. Disk and store outlive the catalog.
  static Result<std::unique_ptr<Catalog>> open(Disk& disk, log::LogStore& store,
                                               const std::string& folder);

  const std::string& cluster_id() const { return cluster_id_; }
  TopicRef find(const std::string& name) const;  // null: unknown
  TopicRef find(const wire::Uuid& id) const;
  std::vector<TopicRef> topics() const;  // by name

  // kAlreadyExists; kUsage for a bad name, count or setting.
  Result<TopicRef> create(const std::string& name, int32_t partitions, TopicSettings settings);
  Status remove(const std::string& name);  // kNotFound
  // Raises the count to `total`. kNotFound; kUsage when it is not more than now.
  Result<TopicRef> add_partitions(const std::string& name, int32_t total);
  Result<TopicRef> configure(const std::string& name, TopicSettings settings);  // the whole set
  // Never given out before, also before a crash.
  Result<int64_t> new_producer_id();

 private:
  Catalog(Disk& disk, log::LogStore& store, std::string folder)
      : disk_(disk), store_(store), folder_(std::move(folder)) {}
  std::string path() const { return folder_ + "/catalog"; }
  Status load();
  Status adopt(const CatalogState::Topic& entry);
  Status save(const CatalogState& state);
  Result<std::vector<std::shared_ptr<log::PartitionLog>>> make_logs(const std::string& name,
                                                                    int32_t from, int32_t to,
                                                                    const TopicSettings& settings);
  CatalogState::Topic* entry(CatalogState& state, const std::string& name);
  void publish(TopicRef topic);

  Disk& disk_;
  log::LogStore& store_;
  const std::string folder_;
  std::string cluster_id_;

  std::mutex changing_;           // held by every change, also while it waits for the disk
  CatalogState state_;            // guarded by changing_; as on disk
  int64_t next_producer_id_ = 0;  // guarded by changing_

  mutable std::shared_mutex mutex_;
  std::map<std::string, TopicRef> topics_;  // guarded by mutex_
};

// A random id: of a topic, or as text of a cluster or a member.
wire::Uuid random_uuid();

}  // namespace weir::broker
