// What the broker does with each request; one overload per API, fetch apart (fetches.h).
//
// Called on a reactor's thread, must not block: what waits for the disk is posted to the control
// thread or answered by a completion of the log. Each answers through `context.responder`, once.
// A request's views (record batches) are valid only until the call returns.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "weir/broker/catalog.h"
#include "weir/broker/control.h"
#include "weir/broker/coordinator.h"
#include "weir/broker/responder.h"
#include "weir/log/store.h"
#include "weir/sys/clock.h"
#include "weir/sys/net.h"
#include "weir/wire/messages/alter_configs.h"
#include "weir/wire/messages/api_versions.h"
#include "weir/wire/messages/create_partitions.h"
#include "weir/wire/messages/create_topics.h"
#include "weir/wire/messages/delete_groups.h"
#include "weir/wire/messages/delete_records.h"
#include "weir/wire/messages/delete_topics.h"
#include "weir/wire/messages/describe_cluster.h"
#include "weir/wire/messages/describe_configs.h"
#include "weir/wire/messages/describe_groups.h"
#include "weir/wire/messages/fetch.h"
#include "weir/wire/messages/find_coordinator.h"
#include "weir/wire/messages/heartbeat.h"
#include "weir/wire/messages/incremental_alter_configs.h"
#include "weir/wire/messages/init_producer_id.h"
#include "weir/wire/messages/join_group.h"
#include "weir/wire/messages/leave_group.h"
#include "weir/wire/messages/list_groups.h"
#include "weir/wire/messages/list_offsets.h"
#include "weir/wire/messages/metadata.h"
#include "weir/wire/messages/offset_commit.h"
#include "weir/wire/messages/offset_fetch.h"
#include "weir/wire/messages/offset_for_leader_epoch.h"
#include "weir/wire/messages/produce.h"
#include "weir/wire/messages/sync_group.h"

namespace weir::broker {

inline constexpr int32_t kNodeId = 1;

// What handlers work with. All of it outlives the threads that call them.
struct Services {
  Catalog& catalog;
  Coordinator& coordinator;  // on the control thread only
  Control& control;
  Clock& clock;
  bool auto_create = true;
  bool discard = false;  // batches are acknowledged, neither checked nor stored
  int32_t default_partitions = 4;
  std::optional<Address> advertised;  // unset: the address by which the client reached us
  // Port of another listener -> what its clients are told instead.
  std::map<uint16_t, Address> advertised_at;
  // Tells every reactor that reads of this log have changed; for those that end with its topic.
  std::function<void(const log::PartitionLog&)> advanced;
};

struct Caller {
  std::string client_id, host;
  Address reached;
};

struct Context {
  Services& services;
  Caller caller;
  Responder responder;

  Address advertised() const {
    const auto other = services.advertised_at.find(caller.reached.port);
    if (other != services.advertised_at.end()) return other->second;
    return services.advertised.value_or(caller.reached);
  }
};

ErrorCode error_code(log::AppendOutcome outcome);
ErrorCode error_code(const Error& error);  // of the catalog

// produce.cc
void handle(Context context, wire::ProduceRequest request);
void handle(Context context, const wire::InitProducerIdRequest& request);
// metadata.cc
void handle(Context context, const wire::ApiVersionsRequest& request);
void handle(Context context, wire::MetadataRequest request);
void handle(Context context, const wire::DescribeClusterRequest& request);
void handle(Context context, const wire::FindCoordinatorRequest& request);
// positions.cc
void handle(Context context, wire::ListOffsetsRequest request);
void handle(Context context, const wire::OffsetForLeaderEpochRequest& request);
void handle(Context context, wire::DeleteRecordsRequest request);
// topics.cc
void handle(Context context, wire::CreateTopicsRequest request);
void handle(Context context, wire::DeleteTopicsRequest request);
void handle(Context context, wire::CreatePartitionsRequest request);
// configs.cc
void handle(Context context, const wire::DescribeConfigsRequest& request);
void handle(Context context, wire::AlterConfigsRequest request);
void handle(Context context, wire::IncrementalAlterConfigsRequest request);
// membership.cc
void handle(Context context, wire::JoinGroupRequest request);
void handle(Context context, wire::SyncGroupRequest request);
void handle(Context context, wire::HeartbeatRequest request);
void handle(Context context, wire::LeaveGroupRequest request);
// group_state.cc
void handle(Context context, wire::OffsetCommitRequest request);
void handle(Context context, wire::OffsetFetchRequest request);
void handle(Context context, wire::DescribeGroupsRequest request);
void handle(Context context, wire::ListGroupsRequest request);
void handle(Context context, wire::DeleteGroupsRequest request);

}  // namespace weir::broker
