#include "weir/kafka/native_groups.h"

#include <chrono>

#include "weir/kafka/failures.h"
#include "weir/wire/messages/describe_groups.h"
#include "weir/wire/messages/find_coordinator.h"
#include "weir/wire/messages/offset_fetch.h"

namespace weir::kafka {
namespace {

using std::chrono::steady_clock;
using wire::ErrorCode;

// The highest versions of one group each and with plain lengths.
constexpr int16_t kFindCoordinatorVersion = 2, kOffsetFetchVersion = 5, kDescribeGroupsVersion = 4;

// A coordinator that moves, starts or is away: asked again while there is time.
bool passes(ErrorCode error) {
  return error == ErrorCode::kCoordinatorLoadInProgress ||
         error == ErrorCode::kCoordinatorNotAvailable || error == ErrorCode::kNotCoordinator;
}

}  // namespace

Result<std::unique_ptr<Groups>> NativeGroups::open(const ClientConfig& client) {
  return std::make_unique<NativeGroups>(WEIR_TRY(Cluster::open(client, {})));
}

Result<Connection*> NativeGroups::coordinator(const std::string& group) {
  const auto end = steady_clock::now() + kReach;
  while (true) {
    if (Connection* any = cluster_->anybody()) {
      wire::FindCoordinatorRequest request;
      request.key = group;
      const auto answer = WEIR_TRY(
          cluster_->call<wire::FindCoordinatorResponse>(*any, request, kFindCoordinatorVersion));
      if (answer.error != ErrorCode::kNone && !passes(answer.error))
        return tl::unexpected(refusal(int16_t(answer.error), "finding group " + group,
                                      cluster_->brokers(), answer.error_message.value_or("")));
      if (Connection* found =
              answer.error == ErrorCode::kNone ? cluster_->broker(answer.node_id) : nullptr)
        return found;
    }
    if (steady_clock::now() >= end) return tl::unexpected(cluster_->unreachable());
    cluster_->turn(kReachPause);
  }
}

Result<std::vector<Offset>> NativeGroups::committed_offsets(const std::string& group,
                                                            const std::string& topic,
                                                            int32_t partitions) {
  wire::OffsetFetchRequest request;
  request.group_id = group;
  auto& asked = request.topics.emplace().emplace_back();
  asked.name = topic;
  for (int32_t p = 0; p < partitions; ++p) asked.partitions.push_back(p);
  Connection* connection = WEIR_TRY(coordinator(group));
  const auto answer = WEIR_TRY(
      cluster_->call<wire::OffsetFetchResponse>(*connection, request, kOffsetFetchVersion));
  const auto refused = [&](ErrorCode error) {
    return passes(error) ? cluster_->unreachable()
                         : refusal(int16_t(error), "asking for the offsets of group " + group,
                                   cluster_->brokers(), {});
  };
  if (answer.error != ErrorCode::kNone) return tl::unexpected(refused(answer.error));
  std::vector<Offset> offsets(size_t(partitions), Offset(-1));
  for (const auto& answered : answer.topics)
    for (const auto& at : answered.partitions) {
      if (at.error != ErrorCode::kNone) return tl::unexpected(refused(at.error));
      if (answered.name == topic && at.partition >= 0 && at.partition < partitions)
        offsets[size_t(at.partition)] = Offset(at.committed_offset);
    }
  return offsets;
}

Result<int> NativeGroups::settled_members(const std::string& group) {
  wire::DescribeGroupsRequest request;
  request.group_ids = {group};
  Connection* connection = WEIR_TRY(coordinator(group));
  const auto answer = WEIR_TRY(
      cluster_->call<wire::DescribeGroupsResponse>(*connection, request, kDescribeGroupsVersion));
  for (const auto& described : answer.groups)
    if (described.group_id == group && described.group_state == "Stable")
      return int(described.members.size());
  return 0;
}

}  // namespace weir::kafka
