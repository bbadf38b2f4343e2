// All consumer groups and their committed offsets.
//
// Home thread: the control thread. Commits of one turn share one sync: they are gathered, and
// settle() makes them durable and then answers them.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/broker/committed_offsets.h"
#include "weir/broker/group.h"

namespace weir::broker {

class Coordinator {
 public:
  using Committed = std::function<void(ErrorCode)>;

  Coordinator(std::unique_ptr<CommittedOffsets> offsets, Group::NewId new_id)
      : offsets_(std::move(offsets)), new_id_(std::move(new_id)) {}

  // The group of this id; find: null when it has no members and never had.
  Group* find(const std::string& id);
  Group& get(const std::string& id);
  const std::map<std::string, std::unique_ptr<Group>>& groups() const { return groups_; }
  const CommittedOffsets& offsets() const { return *offsets_; }

  // Ids of all groups that have members or offsets.
  std::vector<std::string> ids() const;
  bool exists(const std::string& id) const;

  // Keeps the offsets if the member may commit now; `done` follows at once or by settle().
  void commit(const MemberClaim& claim, Commit commit, Nanos now, Committed done);
  // kNonEmptyGroup, kGroupIdNotFound, kKafkaStorageError.
  ErrorCode remove(const std::string& id);
  Status forget_topic(const std::string& topic) { return offsets_->forget_topic(topic); }

  // Makes gathered commits durable and answers them. The first failure of the disk, if any.
  Status settle();
  // Does what is due in the groups; when it wants to be called again.
  std::optional<Nanos> tick(Nanos now);

 private:
  struct Waiting {
    Commit commit;
    Committed done;
  };
  std::unique_ptr<CommittedOffsets> offsets_;
  const Group::NewId new_id_;
  std::map<std::string, std::unique_ptr<Group>> groups_;
  std::vector<Waiting> waiting_;
};

}  // namespace weir::broker
