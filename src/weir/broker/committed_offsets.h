// The offsets that consumer groups committed, kept in a journal (docs/formats/broker.md,
// "offsets").
//
// Home thread: the control thread. A change is durable when its call returns, and only then
// visible.
#pragma once
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "weir/log/journal.h"

namespace weir::broker {

struct CommittedOffset {
  int64_t offset = -1;
  int32_t leader_epoch = -1;
  std::string metadata;
  bool operator==(const CommittedOffset&) const = default;
};
struct OffsetKey {
  std::string topic;
  int32_t partition = 0;
  auto operator<=>(const OffsetKey&) const = default;
};
using GroupOffsets = std::map<OffsetKey, CommittedOffset>;

struct Commit {
  std::string group;
  GroupOffsets offsets;
};

class CommittedOffsets {
 public:
  // Opens or creates `path`; the disk outlives this.
  static Result<std::unique_ptr<CommittedOffsets>> open(Disk& disk, const std::string& path);

  // What a group has committed; null: nothing.
  const GroupOffsets* find(const std::string& group) const;
  const std::map<std::string, GroupOffsets>& groups() const { return groups_; }

  // All of them with one sync.
  Status commit(std::span<const Commit> commits);
  Status forget_group(const std::string& group);
  // Of all groups, when the topic goes: a new topic of that name starts afresh.
  Status forget_topic(const std::string& topic);

 private:
  CommittedOffsets() = default;
  void replay(std::string_view record);
  void apply(const Commit& commit);
  Status append(std::span<const std::string> records);
  Status compact_if_grown();

  std::unique_ptr<log::Journal> journal_;
  std::map<std::string, GroupOffsets> groups_;
  uint64_t compacted_bytes_ = 0;  // the journal's size after its last snapshot
  bool unreadable_ = false;       // a replayed record made no sense
};

}  // namespace weir::broker
