#include "weir/broker/committed_offsets.h"

#include <vector>

#include "weir/base/bytes.h"

namespace weir::broker {
namespace {

enum class Kind : uint8_t { kCommit = 1, kForgetGroup = 2, kForgetTopic = 3 };

// A journal below this size is not worth a snapshot.
constexpr uint64_t kCompactBytesMin = 1 << 20;

void put(std::string& out, std::string_view text) {
  append_be(out, int32_t(text.size()));
  out += text;
}

std::string encode(const Commit& commit) {
  std::string out(1, char(Kind::kCommit));
  put(out, commit.group);
  append_be(out, int32_t(commit.offsets.size()));
  for (const auto& [key, committed] : commit.offsets) {
    put(out, key.topic);
    append_be(out, key.partition);
    append_be(out, committed.offset);
    append_be(out, committed.leader_epoch);
    put(out, committed.metadata);
  }
  return out;
}

std::string encode(Kind kind, std::string_view name) {
  std::string out(1, char(kind));
  put(out, name);
  return out;
}

// Reads what encode() wrote; ok() turns false when the bytes end early.
class Reader {
 public:
  explicit Reader(std::string_view in) : in_(in) {}
  template <std::integral T>
  T number() {
    if (!has(sizeof(T))) return T{};
    const T x = load_be<T>(in_.data());
    in_.remove_prefix(sizeof(T));
    return x;
  }
  std::string text() {
    const int32_t size = number<int32_t>();
    if (size < 0 || !has(size_t(size))) return {};
    std::string taken(in_.substr(0, size_t(size)));
    in_.remove_prefix(size_t(size));
    return taken;
  }
  bool ok() const { return ok_; }
  bool done() const { return ok_ && in_.empty(); }

 private:
  bool has(size_t n) { return ok_ = ok_ && in_.size() >= n; }
  std::string_view in_;
  bool ok_ = true;
};

}  // namespace

Result<std::unique_ptr<CommittedOffsets>> CommittedOffsets::open(Disk& disk,
                                                                 const std::string& path) {
  std::unique_ptr<CommittedOffsets> offsets(new CommittedOffsets);
  auto journal = WEIR_TRY(
      log::Journal::open(disk, path, [&](std::string_view record) { offsets->replay(record); }));
  if (offsets->unreadable_)
    return fail(Code::kCorrupt, "cannot read " + path, "a record of it makes no sense",
                "restore the file from a copy of the data folder, or remove it: consumer groups "
                "then start without their offsets");
  offsets->journal_ = std::make_unique<log::Journal>(std::move(journal));
  return offsets;
}

void CommittedOffsets::replay(std::string_view record) {
  Reader reader(record);
  const auto kind = Kind(reader.number<uint8_t>());
  const std::string name = reader.text();
  if (kind == Kind::kForgetGroup) {
    groups_.erase(name);
  } else if (kind == Kind::kForgetTopic) {
    for (auto& [group, offsets] : groups_)
      std::erase_if(offsets, [&](const auto& entry) { return entry.first.topic == name; });
  } else if (kind == Kind::kCommit) {
    Commit commit{name, {}};
    for (int32_t left = reader.number<int32_t>(); left > 0 && reader.ok(); --left) {
      OffsetKey key{reader.text(), 0};
      key.partition = reader.number<int32_t>();
      CommittedOffset committed;
      committed.offset = reader.number<int64_t>();
      committed.leader_epoch = reader.number<int32_t>();
      committed.metadata = reader.text();
      commit.offsets[std::move(key)] = std::move(committed);
    }
    if (reader.ok()) apply(commit);
  } else {
    unreadable_ = true;
  }
  if (!reader.done()) unreadable_ = true;
}

void CommittedOffsets::apply(const Commit& commit) {
  auto& offsets = groups_[commit.group];
  for (const auto& [key, committed] : commit.offsets) offsets[key] = committed;
}

const GroupOffsets* CommittedOffsets::find(const std::string& group) const {
  const auto found = groups_.find(group);
  return found == groups_.end() ? nullptr : &found->second;
}

Status CommittedOffsets::append(std::span<const std::string> records) {
  std::vector<std::string_view> views(records.begin(), records.end());
  return journal_->append(views);
}

Status CommittedOffsets::commit(std::span<const Commit> commits) {
  std::vector<std::string> records;
  for (const auto& commit : commits) records.push_back(encode(commit));
  WEIR_TRY(append(records));
  for (const auto& commit : commits) apply(commit);
  return compact_if_grown();
}

Status CommittedOffsets::forget_group(const std::string& group) {
  if (!groups_.contains(group)) return {};
  const std::string record = encode(Kind::kForgetGroup, group);
  WEIR_TRY(append({&record, 1}));
  groups_.erase(group);
  return {};
}

Status CommittedOffsets::forget_topic(const std::string& topic) {
  const std::string record = encode(Kind::kForgetTopic, topic);
  WEIR_TRY(append({&record, 1}));
  for (auto& [group, offsets] : groups_)
    std::erase_if(offsets, [&](const auto& entry) { return entry.first.topic == topic; });
  return {};
}

Status CommittedOffsets::compact_if_grown() {
  if (journal_->size_bytes() < std::max(kCompactBytesMin, 4 * compacted_bytes_)) return {};
  std::vector<std::string> records;
  for (const auto& [group, offsets] : groups_) records.push_back(encode(Commit{group, offsets}));
  std::vector<std::string_view> views(records.begin(), records.end());
  WEIR_TRY(journal_->compact(views));
  compacted_bytes_ = journal_->size_bytes();
  return {};
}

}  // namespace weir::broker
