// One consumer group: who is in it, which generation it is at, who got what.
//
// A pure state machine after Kafka's classic group protocol: time comes in with every call, answers
// leave through the callbacks given with the requests, which may be called before the call returns
// or by a later one. Home thread: the control thread.
//
// empty       -> preparing    somebody joined
// preparing   -> completing   all known members joined again, or the rebalance timeout passed
// completing  -> stable       the leader handed out the assignment
// any of them -> preparing    a member came, left, fell silent or changed its subscription
// preparing   -> empty        nobody was left
//
// There is no initial delay: a first member forms its generation at once.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "weir/base/types.h"
#include "weir/wire/errors.h"

namespace weir::broker {

using wire::ErrorCode;

// What a member offers: a way to assign partitions, and its subscription in that way's terms.
struct GroupProtocol {
  std::string name, metadata;
  bool operator==(const GroupProtocol&) const = default;
};

struct JoinRequest {
  std::string member_id;                   // empty: not known to the group yet
  std::optional<std::string> instance_id;  // set: a static member
  std::string client_id, client_host;
  Nanos session_timeout, rebalance_timeout;
  std::string protocol_type;
  std::vector<GroupProtocol> protocols;  // the preferred one first
  bool id_required = false;              // answer a new member with its id only (v4+)
};
struct JoinAnswer {
  struct Member {
    std::string id;
    std::optional<std::string> instance_id;
    std::string metadata;
  };
  ErrorCode error = ErrorCode::kNone;
  int32_t generation = -1;
  std::string protocol_type, protocol, leader, member_id;
  std::vector<Member> members;  // only for the leader
};
struct SyncRequest {
  std::string member_id;
  std::optional<std::string> instance_id;
  int32_t generation = -1;
  std::optional<std::string> protocol_type, protocol;
  std::map<std::string, std::string> assignments;  // by member id; only the leader's count
};
struct SyncAnswer {
  ErrorCode error = ErrorCode::kNone;
  std::string protocol_type, protocol, assignment;
};
// Who a heartbeat, a departure or a commit is from.
struct MemberClaim {
  std::string member_id;
  std::optional<std::string> instance_id;
  int32_t generation = -1;
};

using JoinReply = std::function<void(JoinAnswer)>;
using SyncReply = std::function<void(SyncAnswer)>;

class Group {
 public:
  enum class State { kEmpty, kPreparing, kCompleting, kStable };
  struct Member {
    std::string id;
    std::optional<std::string> instance_id;
    std::string client_id, client_host;
    Nanos session_timeout, rebalance_timeout;
    std::vector<GroupProtocol> protocols;
    std::string assignment;
    Nanos session_ends;
    JoinReply join_reply;  // set while it waits for the generation
    SyncReply sync_reply;  // set while it waits for its assignment

    const std::string* metadata_for(const std::string& protocol) const;
  };
  // Makes a new member id from a client id; never the same twice.
  using NewId = std::function<std::string(const std::string&)>;

  explicit Group(NewId new_id) : new_id_(std::move(new_id)) {}

  void join(JoinRequest request, Nanos now, JoinReply reply);
  void sync(SyncRequest request, Nanos now, SyncReply reply);
  ErrorCode heartbeat(const MemberClaim& claim, Nanos now);
  ErrorCode leave(const MemberClaim& claim, Nanos now);
  // Whether this claim may commit offsets now; counts as a heartbeat.
  ErrorCode may_commit(const MemberClaim& claim, Nanos now);

  // Does what is due at `now`: ends sessions and rebalances.
  void tick(Nanos now);
  // When tick() has something to do next, unless something else happens; empty: never.
  std::optional<Nanos> next_deadline() const;

  State state() const { return state_; }
  int32_t generation() const { return generation_; }
  const std::string& protocol_type() const { return protocol_type_; }
  const std::string& protocol() const { return protocol_; }
  const std::map<std::string, Member>& members() const { return members_; }

 private:
  ErrorCode check_protocols(const JoinRequest& request) const;
  // The error of a claim on a member, or kNone.
  ErrorCode check_member(const std::string& id, const std::optional<std::string>& instance) const;
  void join_new(JoinRequest request, Nanos now, JoinReply reply);
  void join_again(JoinRequest request, Nanos now, JoinReply reply);
  void replace_static(const std::string& old_id, JoinRequest request, Nanos now, JoinReply reply);
  void add(const std::string& id, JoinRequest request, Nanos now, JoinReply reply);
  void update(Member& member, JoinRequest request, Nanos now);
  void remove(const std::string& id, ErrorCode told);
  void rebalance(Nanos now);
  void finish_join_if_all_in(Nanos now);
  void finish_join(Nanos now);
  void finish_sync(Nanos now);
  std::string choose_protocol() const;
  JoinAnswer answer_for(const Member& member, bool as_leader) const;
  SyncAnswer assignment_of(const Member& member) const;

  const NewId new_id_;
  State state_ = State::kEmpty;
  int32_t generation_ = 0;
  std::string protocol_type_, protocol_, leader_;
  std::map<std::string, Member> members_;          // by id
  std::map<std::string, std::string> static_ids_;  // instance id -> member id
  std::map<std::string, Nanos> promised_;          // ids given out, not joined yet -> until when
  Nanos rebalance_ends_;                           // in kPreparing and kCompleting
};

}  // namespace weir::broker
