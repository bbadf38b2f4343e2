#include "weir/broker/group.h"

#include <algorithm>
#include <utility>

#include "weir/base/check.h"

namespace weir::broker {

const std::string* Group::Member::metadata_for(const std::string& protocol) const {
  for (const auto& offered : protocols)
    if (offered.name == protocol) return &offered.metadata;
  return nullptr;
}

ErrorCode Group::check_protocols(const JoinRequest& request) const {
  if (request.protocols.empty() || request.protocol_type.empty())
    return ErrorCode::kInconsistentGroupProtocol;
  if (members_.empty()) return ErrorCode::kNone;
  if (request.protocol_type != protocol_type_) return ErrorCode::kInconsistentGroupProtocol;
  const bool shared = std::any_of(
      request.protocols.begin(), request.protocols.end(), [&](const GroupProtocol& offered) {
        return std::all_of(members_.begin(), members_.end(), [&](const auto& entry) {
          return entry.first == request.member_id || entry.second.metadata_for(offered.name);
        });
      });
  return shared ? ErrorCode::kNone : ErrorCode::kInconsistentGroupProtocol;
}

ErrorCode Group::check_member(const std::string& id,
                              const std::optional<std::string>& instance) const {
  if (instance) {
    const auto known = static_ids_.find(*instance);
    if (known != static_ids_.end() && known->second != id) return ErrorCode::kFencedInstanceId;
  }
  return members_.contains(id) ? ErrorCode::kNone : ErrorCode::kUnknownMemberId;
}

void Group::join(JoinRequest request, Nanos now, JoinReply reply) {
  const auto refuse = [&](ErrorCode error) {
    JoinAnswer answer;
    answer.error = error;
    answer.member_id = request.member_id;
    reply(std::move(answer));
  };
  if (const auto error = check_protocols(request); error != ErrorCode::kNone) return refuse(error);
  if (request.member_id.empty()) return join_new(std::move(request), now, std::move(reply));
  if (promised_.erase(request.member_id) > 0) {
    const std::string id = request.member_id;
    return add(id, std::move(request), now, std::move(reply));
  }
  if (const auto error = check_member(request.member_id, request.instance_id);
      error != ErrorCode::kNone)
    return refuse(error);
  join_again(std::move(request), now, std::move(reply));
}

void Group::join_new(JoinRequest request, Nanos now, JoinReply reply) {
  if (request.instance_id) {
    const auto known = static_ids_.find(*request.instance_id);
    if (known != static_ids_.end()) {
      const std::string old_id = known->second;
      return replace_static(old_id, std::move(request), now, std::move(reply));
    }
  }
  const std::string id = new_id_(request.instance_id.value_or(request.client_id));
  // A static member needs no promise: its instance id already tells it from everybody else.
  if (!request.id_required || request.instance_id)
    return add(id, std::move(request), now, std::move(reply));
  promised_[id] = now + request.session_timeout;
  JoinAnswer answer;
  answer.error = ErrorCode::kMemberIdRequired;
  answer.member_id = id;
  reply(std::move(answer));
}

void Group::add(const std::string& id, JoinRequest request, Nanos now, JoinReply reply) {
  if (members_.empty()) {
    protocol_type_ = request.protocol_type;
    leader_ = id;
  }
  Member& member = members_[id];
  member.id = id;
  member.instance_id = request.instance_id;
  member.join_reply = std::move(reply);
  if (member.instance_id) static_ids_[*member.instance_id] = id;
  update(member, std::move(request), now);
  if (state_ == State::kPreparing) return finish_join_if_all_in(now);
  rebalance(now);
}

void Group::update(Member& member, JoinRequest request, Nanos now) {
  member.client_id = std::move(request.client_id);
  member.client_host = std::move(request.client_host);
  member.session_timeout = request.session_timeout;
  member.rebalance_timeout = request.rebalance_timeout;
  member.protocols = std::move(request.protocols);
  member.session_ends = now + member.session_timeout;
}

void Group::join_again(JoinRequest request, Nanos now, JoinReply reply) {
  Member& member = members_.at(request.member_id);
  const bool unchanged = member.protocols == request.protocols;
  const bool leads = member.id == leader_;
  if (member.join_reply) {  // asked twice, perhaps over a new connection: the newer one counts
    JoinAnswer superseded;
    superseded.error = ErrorCode::kRebalanceInProgress;
    superseded.member_id = member.id;
    std::exchange(member.join_reply, nullptr)(std::move(superseded));
  }
  update(member, std::move(request), now);
  const bool current = (state_ == State::kCompleting && unchanged) ||
                       (state_ == State::kStable && unchanged && !leads);
  if (current) return reply(answer_for(member, leads));
  member.join_reply = std::move(reply);
  if (state_ == State::kPreparing) return finish_join_if_all_in(now);
  rebalance(now);
}

void Group::replace_static(const std::string& old_id, JoinRequest request, Nanos now,
                           JoinReply reply) {
  auto node = members_.extract(old_id);
  WEIR_CHECK(!node.empty());
  const std::string id = new_id_(*request.instance_id);
  node.key() = id;
  Member& old = node.mapped();
  const bool unchanged = old.protocols == request.protocols;
  const auto join_reply = std::exchange(old.join_reply, nullptr);
  const auto sync_reply = std::exchange(old.sync_reply, nullptr);
  old.id = id;
  if (leader_ == old_id) leader_ = id;
  static_ids_[*request.instance_id] = id;
  Member& member = members_.insert(std::move(node)).position->second;
  update(member, std::move(request), now);
  JoinAnswer fenced;
  fenced.error = ErrorCode::kFencedInstanceId;
  fenced.member_id = old_id;
  if (join_reply) join_reply(fenced);
  if (sync_reply) sync_reply({ErrorCode::kFencedInstanceId, {}, {}, {}});
  if (state_ == State::kStable && unchanged) {
    // It takes over the assignment and does not assign, so that nobody else is disturbed; being
    // told its old id as the leader keeps a replaced leader from assigning [KIP-345].
    JoinAnswer answer = answer_for(member, false);
    if (answer.leader == id) answer.leader = old_id;
    return reply(std::move(answer));
  }
  member.join_reply = std::move(reply);
  if (state_ == State::kPreparing) return finish_join_if_all_in(now);
  rebalance(now);
}

void Group::rebalance(Nanos now) {
  for (auto& [id, member] : members_)
    if (member.sync_reply)
      std::exchange(member.sync_reply, nullptr)({ErrorCode::kRebalanceInProgress, {}, {}, {}});
  state_ = State::kPreparing;
  Nanos longest;
  for (const auto& [id, member] : members_) longest = std::max(longest, member.rebalance_timeout);
  rebalance_ends_ = now + longest;
  finish_join_if_all_in(now);
}

void Group::finish_join_if_all_in(Nanos now) {
  if (state_ != State::kPreparing || !promised_.empty()) return;
  for (const auto& [id, member] : members_)
    if (!member.join_reply) return;
  finish_join(now);
}

void Group::finish_join(Nanos now) {
  std::vector<std::string> late;
  for (const auto& [id, member] : members_)
    if (!member.join_reply && !member.instance_id) late.push_back(id);
  for (const auto& id : late) remove(id, ErrorCode::kUnknownMemberId);
  ++generation_;
  if (members_.empty()) {
    state_ = State::kEmpty;
    protocol_.clear();
    leader_.clear();
    return;
  }
  // A static member may be away for a while; somebody present has to lead.
  auto leader = members_.find(leader_);
  if (leader == members_.end() || !leader->second.join_reply) {
    leader = std::find_if(members_.begin(), members_.end(),
                          [](const auto& entry) { return bool(entry.second.join_reply); });
    if (leader == members_.end()) {  // only absent static members: they get one more round
      --generation_;
      rebalance_ends_ = now + members_.begin()->second.rebalance_timeout;
      return;
    }
    leader_ = leader->first;
  }
  protocol_ = choose_protocol();
  state_ = State::kCompleting;
  std::vector<std::pair<JoinReply, JoinAnswer>> answers;
  Nanos longest;
  for (auto& [id, member] : members_) {
    member.assignment.clear();
    member.session_ends = now + member.session_timeout;
    longest = std::max(longest, member.rebalance_timeout);
    if (member.join_reply)
      answers.emplace_back(std::exchange(member.join_reply, nullptr),
                           answer_for(member, id == leader_));
  }
  rebalance_ends_ = now + longest;
  for (auto& [reply, answer] : answers) reply(std::move(answer));
}

// Each member votes for its most preferred protocol among those that all share.
std::string Group::choose_protocol() const {
  std::map<std::string, int> votes;
  for (const auto& [id, member] : members_) {
    for (const auto& offered : member.protocols) {
      const bool shared = std::all_of(members_.begin(), members_.end(), [&](const auto& entry) {
        return entry.second.metadata_for(offered.name);
      });
      if (!shared) continue;
      ++votes[offered.name];
      break;
    }
  }
  WEIR_CHECK(!votes.empty());  // check_protocols let only members in that share one
  return std::max_element(votes.begin(), votes.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

JoinAnswer Group::answer_for(const Member& member, bool as_leader) const {
  JoinAnswer answer;
  answer.generation = generation_;
  answer.protocol_type = protocol_type_;
  answer.protocol = protocol_;
  answer.leader = leader_;
  answer.member_id = member.id;
  if (as_leader)
    for (const auto& [id, each] : members_) {
      const std::string* metadata = each.metadata_for(protocol_);
      answer.members.push_back({id, each.instance_id, metadata ? *metadata : std::string()});
    }
  return answer;
}

SyncAnswer Group::assignment_of(const Member& member) const {
  return {ErrorCode::kNone, protocol_type_, protocol_, member.assignment};
}

void Group::sync(SyncRequest request, Nanos now, SyncReply reply) {
  const auto refuse = [&](ErrorCode error) { reply({error, {}, {}, {}}); };
  if (const auto error = check_member(request.member_id, request.instance_id);
      error != ErrorCode::kNone)
    return refuse(error);
  if (request.generation != generation_) return refuse(ErrorCode::kIllegalGeneration);
  if ((request.protocol_type && *request.protocol_type != protocol_type_) ||
      (request.protocol && *request.protocol != protocol_))
    return refuse(ErrorCode::kInconsistentGroupProtocol);
  Member& member = members_.at(request.member_id);
  member.session_ends = now + member.session_timeout;
  if (state_ == State::kStable) return reply(assignment_of(member));
  if (state_ != State::kCompleting) return refuse(ErrorCode::kRebalanceInProgress);
  if (member.sync_reply)
    std::exchange(member.sync_reply, nullptr)({ErrorCode::kRebalanceInProgress, {}, {}, {}});
  member.sync_reply = std::move(reply);
  if (member.id != leader_) return;
  for (auto& [id, bytes] : request.assignments)
    if (const auto found = members_.find(id); found != members_.end())
      found->second.assignment = std::move(bytes);
  finish_sync(now);
}

void Group::finish_sync(Nanos now) {
  state_ = State::kStable;
  std::vector<std::pair<SyncReply, SyncAnswer>> answers;
  for (auto& [id, member] : members_) {
    member.session_ends = now + member.session_timeout;
    if (member.sync_reply)
      answers.emplace_back(std::exchange(member.sync_reply, nullptr), assignment_of(member));
  }
  for (auto& [reply, answer] : answers) reply(std::move(answer));
}

ErrorCode Group::heartbeat(const MemberClaim& claim, Nanos now) {
  if (const auto error = check_member(claim.member_id, claim.instance_id);
      error != ErrorCode::kNone)
    return error;
  if (claim.generation != generation_) return ErrorCode::kIllegalGeneration;
  Member& member = members_.at(claim.member_id);
  member.session_ends = now + member.session_timeout;
  return state_ == State::kPreparing ? ErrorCode::kRebalanceInProgress : ErrorCode::kNone;
}

ErrorCode Group::leave(const MemberClaim& claim, Nanos now) {
  std::string id = claim.member_id;
  if (promised_.erase(id) > 0) {
    finish_join_if_all_in(now);
    return ErrorCode::kNone;
  }
  if (claim.instance_id && id.empty()) {  // an administrator removes a static member by name
    const auto known = static_ids_.find(*claim.instance_id);
    if (known == static_ids_.end()) return ErrorCode::kUnknownMemberId;
    id = known->second;
  }
  if (const auto error = check_member(id, claim.instance_id); error != ErrorCode::kNone)
    return error;
  remove(id, ErrorCode::kUnknownMemberId);
  if (state_ == State::kPreparing)
    finish_join_if_all_in(now);
  else
    rebalance(now);
  return ErrorCode::kNone;
}

ErrorCode Group::may_commit(const MemberClaim& claim, Nanos now) {
  if (claim.generation < 0 && members_.empty()) return ErrorCode::kNone;
  if (const auto error = check_member(claim.member_id, claim.instance_id);
      error != ErrorCode::kNone)
    return error;
  if (claim.generation != generation_) return ErrorCode::kIllegalGeneration;
  if (state_ == State::kCompleting) return ErrorCode::kRebalanceInProgress;
  Member& member = members_.at(claim.member_id);
  member.session_ends = now + member.session_timeout;
  return ErrorCode::kNone;
}

void Group::remove(const std::string& id, ErrorCode told) {
  auto node = members_.extract(id);
  if (node.empty()) return;
  Member& member = node.mapped();
  if (member.instance_id) static_ids_.erase(*member.instance_id);
  if (member.join_reply) {
    JoinAnswer answer;
    answer.error = told;
    answer.member_id = id;
    member.join_reply(std::move(answer));
  }
  if (member.sync_reply) member.sync_reply({told, {}, {}, {}});
}

void Group::tick(Nanos now) {
  std::erase_if(promised_, [&](const auto& entry) { return entry.second <= now; });
  std::vector<std::string> gone;
  for (const auto& [id, member] : members_)
    // Who waits for an answer of ours is alive as far as we can know.
    if (member.session_ends <= now && !member.join_reply && !member.sync_reply) gone.push_back(id);
  for (const auto& id : gone) remove(id, ErrorCode::kUnknownMemberId);
  if (state_ == State::kPreparing) {
    if (rebalance_ends_ <= now)
      finish_join(now);
    else
      finish_join_if_all_in(now);
    return;
  }
  if (state_ == State::kCompleting && rebalance_ends_ <= now) {
    // Those that never asked for their assignment are out; the others form a new generation.
    std::vector<std::string> silent;
    for (const auto& [id, member] : members_)
      if (!member.sync_reply) silent.push_back(id);
    for (const auto& id : silent) remove(id, ErrorCode::kUnknownMemberId);
    return rebalance(now);
  }
  if (!gone.empty()) rebalance(now);
}

std::optional<Nanos> Group::next_deadline() const {
  std::optional<Nanos> next;
  const auto at = [&](Nanos when) {
    if (!next || when < *next) next = when;
  };
  for (const auto& [id, until] : promised_) at(until);
  for (const auto& [id, member] : members_)
    if (!member.join_reply && !member.sync_reply) at(member.session_ends);
  if (state_ == State::kPreparing || state_ == State::kCompleting) at(rebalance_ends_);
  return next;
}

}  // namespace weir::broker
