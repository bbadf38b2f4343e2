#include "weir/broker/coordinator.h"

#include <algorithm>
#include <set>

namespace weir::broker {

Group* Coordinator::find(const std::string& id) {
  const auto found = groups_.find(id);
  return found == groups_.end() ? nullptr : found->second.get();
}

Group& Coordinator::get(const std::string& id) {
  auto& group = groups_[id];
  if (!group) group = std::make_unique<Group>(new_id_);
  return *group;
}

std::vector<std::string> Coordinator::ids() const {
  std::set<std::string> all;
  for (const auto& [id, group] : groups_) all.insert(id);
  for (const auto& [id, offsets] : offsets_->groups()) all.insert(id);
  return {all.begin(), all.end()};
}

bool Coordinator::exists(const std::string& id) const {
  return groups_.contains(id) || offsets_->find(id) != nullptr;
}

void Coordinator::commit(const MemberClaim& claim, Commit commit, Nanos now, Committed done) {
  Group* group = find(commit.group);
  ErrorCode error = ErrorCode::kNone;
  if (group)
    error = group->may_commit(claim, now);
  else if (claim.generation >= 0)
    error = ErrorCode::kUnknownMemberId;  // a member of before a restart
  if (error != ErrorCode::kNone) return done(error);
  waiting_.push_back({std::move(commit), std::move(done)});
}

Status Coordinator::settle() {
  if (waiting_.empty()) return {};
  std::vector<Waiting> waiting;
  waiting.swap(waiting_);
  std::vector<Commit> commits;
  for (auto& each : waiting) commits.push_back(std::move(each.commit));
  const Status durable = offsets_->commit(commits);
  for (auto& each : waiting) each.done(durable ? ErrorCode::kNone : ErrorCode::kKafkaStorageError);
  return durable;
}

ErrorCode Coordinator::remove(const std::string& id) {
  if (!exists(id)) return ErrorCode::kGroupIdNotFound;
  if (Group* group = find(id); group && group->state() != Group::State::kEmpty)
    return ErrorCode::kNonEmptyGroup;
  if (!settle() || !offsets_->forget_group(id)) return ErrorCode::kKafkaStorageError;
  groups_.erase(id);
  return ErrorCode::kNone;
}

std::optional<Nanos> Coordinator::tick(Nanos now) {
  std::optional<Nanos> next;
  for (auto entry = groups_.begin(); entry != groups_.end();) {
    Group& group = *entry->second;
    if (auto due = group.next_deadline(); due && *due <= now) group.tick(now);
    const auto due = group.next_deadline();
    // A group that nobody is in or about to join lives on in its offsets alone.
    if (!due && group.state() == Group::State::kEmpty) {
      entry = groups_.erase(entry);
      continue;
    }
    if (due && (!next || *due < *next)) next = due;
    ++entry;
  }
  return next;
}

}  // namespace weir::broker
