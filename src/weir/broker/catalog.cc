#include "weir/broker/catalog.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <set>

#include "weir/base/check.h"

namespace weir::broker {
namespace {
// How many producer ids one write reserves; a crash wastes at most this many of 2^63.
constexpr int64_t kProducerIdBlock = 1000;
}  // namespace

wire::Uuid random_uuid() {
  wire::Uuid id;
  WEIR_CHECK_EQ(ssize_t(id.bytes.size()), getrandom(id.bytes.data(), id.bytes.size(), 0));
  id.bytes[6] = uint8_t((id.bytes[6] & 0x0F) | 0x40);  // version 4, variant 1 [RFC 9562]
  id.bytes[8] = uint8_t((id.bytes[8] & 0x3F) | 0x80);
  return id;
}

Result<std::unique_ptr<Catalog>> Catalog::open(Disk& disk, log::LogStore& store,
                                               const std::string& folder) {
  std::unique_ptr<Catalog> catalog(new Catalog(disk, store, folder));
  WEIR_TRY(catalog->load());
  return catalog;
}

Status Catalog::load() {
  if (!disk_.exists(path())) {
    if (!store_.partitions().empty())
      return fail(Code::kCorrupt, "cannot open the data folder " + folder_,
                  "it holds partitions but no catalog, so their topics are not known",
                  "restore the file " + path() + " or choose an empty folder");
    CatalogState fresh;
    fresh.cluster_id = to_text(random_uuid());
    WEIR_TRY(save(fresh));
  } else {
    const std::string text = WEIR_TRY(disk_.read(path()));
    state_ = WEIR_TRY_IN(path(), read_catalog(text));
  }
  cluster_id_ = state_.cluster_id;
  next_producer_id_ = state_.producer_ids_reserved;
  for (const auto& topic : state_.topics) WEIR_TRY(adopt(topic));
  std::set<std::string> orphans;
  for (const auto& log : store_.partitions())
    if (!topics_.contains(log->name().topic)) orphans.insert(log->name().topic);
  for (const auto& name : orphans) WEIR_TRY(store_.delete_topic(name));
  return {};
}

Status Catalog::adopt(const CatalogState::Topic& entry) {
  auto topic = std::make_shared<Topic>();
  topic->name = entry.name;
  topic->id = entry.id;
  topic->settings = entry.settings;
  for (int32_t i = 0; i < entry.partitions; ++i) {
    auto log = store_.find({entry.name, PartitionId(i)});
    if (!log)
      return fail(Code::kCorrupt, fmt::format("cannot open partition {} of {}", i, entry.name),
                  "the catalog names it, but its folder is missing",
                  "restore the folder from a copy; an empty one would hide the loss");
    log->configure(log_config(entry.settings));
    topic->partitions.push_back(std::move(log));
  }
  topics_[entry.name] = std::move(topic);
  return {};
}

Status Catalog::save(const CatalogState& state) {
  WEIR_TRY(disk_.write_whole(path(), write_catalog(state)));
  state_ = state;
  return {};
}

void Catalog::publish(TopicRef topic) {
  std::unique_lock lock(mutex_);
  topics_[topic->name] = std::move(topic);
}

TopicRef Catalog::find(const std::string& name) const {
  std::shared_lock lock(mutex_);
  const auto found = topics_.find(name);
  return found == topics_.end() ? nullptr : found->second;
}

TopicRef Catalog::find(const wire::Uuid& id) const {
  std::shared_lock lock(mutex_);
  for (const auto& [name, topic] : topics_)
    if (topic->id == id) return topic;
  return nullptr;
}

std::vector<TopicRef> Catalog::topics() const {
  std::shared_lock lock(mutex_);
  std::vector<TopicRef> all;
  for (const auto& [name, topic] : topics_) all.push_back(topic);
  return all;
}

CatalogState::Topic* Catalog::entry(CatalogState& state, const std::string& name) {
  const auto found = std::find_if(state.topics.begin(), state.topics.end(),
                                  [&](const auto& topic) { return topic.name == name; });
  return found == state.topics.end() ? nullptr : &*found;
}

Result<std::vector<std::shared_ptr<log::PartitionLog>>> Catalog::make_logs(
    const std::string& name, int32_t from, int32_t to, const TopicSettings& settings) {
  std::vector<std::shared_ptr<log::PartitionLog>> logs;
  for (int32_t i = from; i < to; ++i) {
    const log::TopicPartition partition{name, PartitionId(i)};
    auto log = store_.create(partition);
    // Left by a change whose catalog entry could not be written: nobody was ever told of it.
    if (!log && log.error().code == Code::kAlreadyExists) log = store_.find(partition);
    if (!log) return tl::unexpected(std::move(log).error());
    (*log)->configure(log_config(settings));
    logs.push_back(std::move(*log));
  }
  return logs;
}

Result<TopicRef> Catalog::create(const std::string& name, int32_t partitions,
                                 TopicSettings settings) {
  if (!is_topic_name(name))
    return fail(Code::kUsage, "cannot create topic " + name.substr(0, 249),
                "a topic name has 1 to 249 of a-z, A-Z, 0-9, dot, underscore and hyphen");
  if (partitions < 1 || partitions > kPartitionsMax)
    return fail(Code::kUsage, "cannot create topic " + name,
                fmt::format("{} partitions are not in 1 to {}", partitions, kPartitionsMax));
  for (const auto& [key, value] : settings) WEIR_TRY(check_setting(key, value));
  std::lock_guard lock(changing_);
  if (find(name))
    return fail(Code::kAlreadyExists, "cannot create topic " + name, "it exists already");
  auto topic = std::make_shared<Topic>();
  topic->name = name;
  topic->id = random_uuid();
  topic->settings = settings;
  // Logs of a deletion that failed half-way must not come back to life.
  if (store_.find({name, PartitionId(0)})) WEIR_TRY(store_.delete_topic(name));
  topic->partitions = WEIR_TRY(make_logs(name, 0, partitions, settings));
  CatalogState next = state_;
  next.topics.push_back({name, topic->id, partitions, std::move(settings)});
  WEIR_TRY(save(next));
  publish(topic);
  return TopicRef(topic);
}

Status Catalog::remove(const std::string& name) {
  std::lock_guard lock(changing_);
  CatalogState next = state_;
  if (std::erase_if(next.topics, [&](const auto& topic) { return topic.name == name; }) == 0)
    return fail(Code::kNotFound, "cannot delete topic " + name, "there is no such topic");
  WEIR_TRY(save(next));
  {
    std::unique_lock topics_lock(mutex_);
    topics_.erase(name);
  }
  return store_.delete_topic(name);
}

Result<TopicRef> Catalog::add_partitions(const std::string& name, int32_t total) {
  std::lock_guard lock(changing_);
  const TopicRef before = find(name);
  if (!before)
    return fail(Code::kNotFound, "cannot add partitions to " + name, "there is no such topic");
  const auto count = int32_t(before->partitions.size());
  if (total <= count || total > kPartitionsMax)
    return fail(
        Code::kUsage, "cannot add partitions to " + name,
        fmt::format("it has {}, and {} is not more, up to {}", count, total, kPartitionsMax));
  auto topic = std::make_shared<Topic>(*before);
  auto added = WEIR_TRY(make_logs(name, count, total, before->settings));
  for (auto& log : added) topic->partitions.push_back(std::move(log));
  CatalogState next = state_;
  entry(next, name)->partitions = total;
  WEIR_TRY(save(next));
  publish(topic);
  return TopicRef(topic);
}

Result<TopicRef> Catalog::configure(const std::string& name, TopicSettings settings) {
  for (const auto& [key, value] : settings) WEIR_TRY(check_setting(key, value));
  std::lock_guard lock(changing_);
  const TopicRef before = find(name);
  if (!before) return fail(Code::kNotFound, "cannot configure " + name, "there is no such topic");
  auto topic = std::make_shared<Topic>(*before);
  topic->settings = settings;
  CatalogState next = state_;
  entry(next, name)->settings = std::move(settings);
  WEIR_TRY(save(next));
  for (const auto& log : topic->partitions) log->configure(log_config(topic->settings));
  publish(topic);
  return TopicRef(topic);
}

Result<int64_t> Catalog::new_producer_id() {
  std::lock_guard lock(changing_);
  if (next_producer_id_ == state_.producer_ids_reserved) {
    CatalogState next = state_;
    next.producer_ids_reserved += kProducerIdBlock;
    WEIR_TRY(save(next));
  }
  return next_producer_id_++;
}

}  // namespace weir::broker
