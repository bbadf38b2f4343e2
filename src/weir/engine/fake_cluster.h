// A cluster in memory for the engine's tests: topics, and producers whose records can be cut off,
// refused, or arrive after their process died.
//
// Thread safe. It outlives everything it opened.
#pragma once
#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "weir/engine/connections.h"
#include "weir/event/result.h"

namespace weir::engine {

struct FakeRecord {
  std::optional<std::string> key, value;
  HeaderList headers;
  int64_t timestamp_ms = 0;
  bool marker = false;  // of a transaction: takes an offset, consumers do not see it
};

class FakeCluster {
 public:
  using Partition = std::vector<FakeRecord>;

  void create(const std::string& topic, int32_t partitions) {
    std::lock_guard lock(mutex_);
    topics_[topic].resize(size_t(partitions));
  }
  void append(const std::string& topic, int32_t partition, FakeRecord record) {
    std::lock_guard lock(mutex_);
    topics_.at(topic).at(size_t(partition)).push_back(std::move(record));
  }
  std::vector<Partition> records(const std::string& topic) const {
    std::lock_guard lock(mutex_);
    return topics_.at(topic);
  }
  int64_t end_of(const std::string& topic) const {
    int64_t sum = 0;
    for (const auto& partition : records(topic)) sum += int64_t(partition.size());
    return sum;
  }

  // From now on only this many more records get through; later ones stay in flight.
  void let_through(int64_t count) {
    std::lock_guard lock(mutex_);
    passes_ = count;
  }
  // The next record is refused for good, and with it all that its producer still sends: an
  // idempotent producer leaves no gap.
  void refuse_one() {
    std::lock_guard lock(mutex_);
    refuse_ = true;
  }
  void set_reachable(bool reachable) {
    std::lock_guard lock(mutex_);
    reachable_ = reachable;
  }
  // Asked for `asks` more times, the admin answers that no broker is there; then it is back.
  void hide_for(int asks) {
    std::lock_guard lock(mutex_);
    hidden_ = asks;
  }
  // What was in flight of producers that are gone arrives now, in order.
  void deliver_stragglers() {
    std::lock_guard lock(mutex_);
    for (auto& [topic, partition, record] : stragglers_)
      topics_.at(topic)[size_t(partition)].push_back(std::move(record));
    stragglers_.clear();
  }
  void drop_stragglers() {
    std::lock_guard lock(mutex_);
    stragglers_.clear();
  }

  Connections connections() {
    return {[this]() -> Result<std::unique_ptr<kafka::Admin>> {
              if (auto there = reach(); !there) return tl::unexpected(there.error());
              return std::make_unique<FakeAdmin>(*this);
            },
            [this](const std::string& topic) -> Result<std::unique_ptr<kafka::Producer>> {
              if (auto there = reach(); !there) return tl::unexpected(there.error());
              return std::make_unique<FakeProducer>(*this, topic);
            },
            [this](const std::string& topic) -> Result<std::unique_ptr<kafka::Consumer>> {
              if (auto there = reach(); !there) return tl::unexpected(there.error());
              return std::make_unique<FakeConsumer>(*this, topic);
            }};
  }

 private:
  struct Straggler {
    std::string topic;
    int32_t partition;
    FakeRecord record;
  };

  Status reach() const {
    std::lock_guard lock(mutex_);
    if (reachable_) return {};
    return fail(Code::kUnreachable, "no broker answered", "it is switched off", "switch it on");
  }

  class FakeAdmin final : public kafka::Admin {
   public:
    explicit FakeAdmin(FakeCluster& cluster) : cluster_(cluster) {}
    Status create_topic(const std::string& name, int32_t partitions, int32_t,
                        const std::map<std::string, std::string>&) override {
      cluster_.create(name, partitions);
      return {};
    }
    Status delete_topic(const std::string&) override { return fail(Code::kNotFound, "unused"); }
    Result<std::vector<kafka::TopicInfo>> topics() override {
      return std::vector<kafka::TopicInfo>{};
    }
    Result<kafka::ClusterInfo> cluster() override { return kafka::ClusterInfo{1, {}}; }
    Result<kafka::TopicInfo> topic(const std::string& name) override {
      std::lock_guard lock(cluster_.mutex_);
      const auto found = cluster_.topics_.find(name);
      if (found == cluster_.topics_.end()) return fail(Code::kNotFound, "no topic " + name);
      return kafka::TopicInfo{name, int32_t(found->second.size()), 1};
    }
    Result<std::vector<Offset>> end_offsets(const std::string& topic) override {
      std::lock_guard lock(cluster_.mutex_);
      if (cluster_.hidden_ > 0) {
        --cluster_.hidden_;
        return fail(Code::kUnreachable, "no broker answered", "it is hidden");
      }
      std::vector<Offset> ends;
      for (const auto& partition : cluster_.topics_.at(topic))
        ends.push_back(Offset(int64_t(partition.size())));
      return ends;
    }
    Result<std::vector<Offset>> start_offsets(const std::string& topic) override {
      std::lock_guard lock(cluster_.mutex_);
      return std::vector<Offset>(cluster_.topics_.at(topic).size());
    }
    std::string broker_description() const override { return "1 fake broker"; }

   private:
    FakeCluster& cluster_;
  };

  class FakeProducer final : public kafka::Producer {
   public:
    FakeProducer(FakeCluster& cluster, std::string topic)
        : cluster_(cluster), topic_(std::move(topic)) {}
    ~FakeProducer() override {
      std::lock_guard lock(cluster_.mutex_);
      for (auto& pending : pending_)
        cluster_.stragglers_.push_back({topic_, pending.partition, std::move(pending.record)});
    }
    int32_t partitions() const override {
      std::lock_guard lock(cluster_.mutex_);
      return int32_t(cluster_.topics_.at(topic_).size());
    }
    size_t send(PartitionId partition, std::span<const kafka::Record> records,
                uint64_t tag_first) override {
      constexpr size_t kRoom = 100;
      size_t accepted = 0;
      while (accepted < records.size() && pending_.size() < kRoom) {
        const auto& from = records[accepted];
        FakeRecord record;
        if (from.key.data() != nullptr) record.key = std::string(from.key);
        if (from.value.data() != nullptr) record.value = std::string(from.value);
        for (const auto& header : from.headers)
          record.headers.emplace_back(std::string(header.key), std::string(header.value));
        record.timestamp_ms = 1'700'000'000'000;
        pending_.push_back({partition.value, tag_first + accepted, std::move(record)});
        ++accepted;
      }
      return accepted;
    }
    uint64_t poll(Nanos, const std::function<void(const kafka::DeliveryReport&)>& f) override {
      std::vector<kafka::DeliveryReport> reports;
      {
        std::lock_guard lock(cluster_.mutex_);
        while (!pending_.empty() && cluster_.passes_ > 0) {
          auto pending = std::move(pending_.front());
          pending_.erase(pending_.begin());
          failed_ = failed_ || std::exchange(cluster_.refuse_, false);
          if (failed_) {
            reports.push_back({PartitionId(pending.partition), pending.tag, 1,
                               kafka::Delivery::kFailed, -1, "refused by the test"});
            continue;
          }
          --cluster_.passes_;
          auto& partition = cluster_.topics_.at(topic_)[size_t(pending.partition)];
          reports.push_back({PartitionId(pending.partition),
                             pending.tag,
                             1,
                             kafka::Delivery::kAcked,
                             int64_t(partition.size()),
                             {}});
          partition.push_back(std::move(pending.record));
        }
      }
      for (const auto& report : reports) f(report);
      return reports.size();
    }
    uint64_t in_flight() const override { return pending_.size(); }
    std::map<std::string, std::string> settings() const override { return {}; }

   private:
    struct Pending {
      int32_t partition;
      uint64_t tag;
      FakeRecord record;
    };
    FakeCluster& cluster_;
    std::string topic_;
    std::vector<Pending> pending_;
    bool failed_ = false;
  };

  class FakeConsumer final : public kafka::Consumer {
   public:
    FakeConsumer(FakeCluster& cluster, std::string topic)
        : cluster_(cluster), topic_(std::move(topic)) {}
    Status assign(PartitionId partition, Offset from) override {
      positions_[partition.value] = from.value;
      return {};
    }
    Result<std::vector<kafka::FetchedRun>> poll(Nanos limit, size_t records_max) override {
      held_.clear();
      std::vector<kafka::FetchedRun> runs;
      for (const auto& [partition, position] : positions_) take(partition, records_max, runs);
      return waited(std::move(runs), limit);
    }
    Result<std::vector<kafka::FetchedRun>> poll(PartitionId partition, Nanos limit,
                                                size_t records_max) override {
      held_.clear();
      std::vector<kafka::FetchedRun> runs;
      take(partition.value, records_max, runs);
      return waited(std::move(runs), limit);
    }
    std::vector<std::pair<std::string_view, std::string_view>> headers(
        const kafka::FetchedRun& run, size_t index) const override {
      std::vector<std::pair<std::string_view, std::string_view>> views;
      for (const auto& [key, value] : held_.at(run.partition.value)[index].headers)
        views.emplace_back(key, value);
      return views;
    }
    bool connected() const override { return true; }
    Offset position(PartitionId partition) const override {
      return Offset(positions_.at(partition.value));
    }

   private:
    void take(int32_t partition, size_t records_max, std::vector<kafka::FetchedRun>& runs) {
      int64_t& position = positions_[partition];
      auto& held = held_[partition];
      {
        std::lock_guard lock(cluster_.mutex_);
        const auto& all = cluster_.topics_.at(topic_).at(size_t(partition));
        const size_t from = std::min(all.size(), size_t(position));
        held.assign(all.begin() + ptrdiff_t(from),
                    all.begin() + ptrdiff_t(std::min(all.size(), from + records_max)));
      }
      if (held.empty()) return;
      kafka::FetchedRun run{PartitionId(partition), {}};
      for (const auto& record : held) {
        kafka::FetchedRecord fetched;
        fetched.offset = Offset(position++);
        if (record.marker) continue;
        fetched.timestamp_ms = record.timestamp_ms;
        if (record.key) fetched.key = *record.key;
        if (record.value) fetched.value = *record.value;
        run.records.push_back(fetched);
      }
      std::erase_if(held, [](const FakeRecord& record) { return record.marker; });
      if (!run.records.empty()) runs.push_back(std::move(run));
    }
    static std::vector<kafka::FetchedRun> waited(std::vector<kafka::FetchedRun> runs, Nanos limit) {
      if (runs.empty())
        std::this_thread::sleep_for(
            std::chrono::nanoseconds(std::min<int64_t>(limit.value, 200'000)));
      return runs;
    }

    FakeCluster& cluster_;
    std::string topic_;
    std::map<int32_t, int64_t> positions_;
    std::map<int32_t, std::vector<FakeRecord>> held_;
  };

  mutable std::mutex mutex_;  // guards all below
  std::map<std::string, std::vector<Partition>> topics_;
  std::vector<Straggler> stragglers_;
  int64_t passes_ = INT64_MAX;
  int hidden_ = 0;
  bool refuse_ = false, reachable_ = true;
};

}  // namespace weir::engine
