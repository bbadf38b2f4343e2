#include "weir/wire/api.h"

#include "weir/base/check.h"

namespace weir::wire {
namespace {

// Three minimums and one maximum are what clients test for, not what they use: librdkafka wants
// Produce 0 (else it silently stops compressing), Fetch <= 4 and FindCoordinator 0, and some
// releases break below Fetch 12. Produce 0-2 carry message sets of an older format; they are
// advertised and refused.
constexpr Api kApis[] = {
    {ApiKey::kProduce, "Produce", 0, 3, 9, 9},
    {ApiKey::kFetch, "Fetch", 4, 4, 12, 12},
    {ApiKey::kListOffsets, "ListOffsets", 1, 1, 7, 6},
    {ApiKey::kMetadata, "Metadata", 0, 0, 12, 9},
    {ApiKey::kOffsetCommit, "OffsetCommit", 2, 2, 8, 8},
    {ApiKey::kOffsetFetch, "OffsetFetch", 1, 1, 8, 6},
    {ApiKey::kFindCoordinator, "FindCoordinator", 0, 0, 4, 3},
    {ApiKey::kJoinGroup, "JoinGroup", 0, 0, 9, 6},
    {ApiKey::kHeartbeat, "Heartbeat", 0, 0, 4, 4},
    {ApiKey::kLeaveGroup, "LeaveGroup", 0, 0, 5, 4},
    {ApiKey::kSyncGroup, "SyncGroup", 0, 0, 5, 4},
    {ApiKey::kDescribeGroups, "DescribeGroups", 0, 0, 5, 5},
    {ApiKey::kListGroups, "ListGroups", 0, 0, 4, 3},
    {ApiKey::kApiVersions, "ApiVersions", 0, 0, 3, 3},
    {ApiKey::kCreateTopics, "CreateTopics", 0, 0, 7, 5},
    {ApiKey::kDeleteTopics, "DeleteTopics", 0, 0, 6, 4},
    {ApiKey::kDeleteRecords, "DeleteRecords", 0, 0, 2, 2},
    {ApiKey::kInitProducerId, "InitProducerId", 0, 0, 4, 2},
    {ApiKey::kOffsetForLeaderEpoch, "OffsetForLeaderEpoch", 0, 0, 4, 4},
    {ApiKey::kDescribeConfigs, "DescribeConfigs", 0, 0, 4, 4},
    {ApiKey::kAlterConfigs, "AlterConfigs", 0, 0, 2, 2},
    {ApiKey::kCreatePartitions, "CreatePartitions", 0, 0, 3, 2},
    {ApiKey::kDeleteGroups, "DeleteGroups", 0, 0, 2, 2},
    {ApiKey::kIncrementalAlterConfigs, "IncrementalAlterConfigs", 0, 0, 1, 1},
    {ApiKey::kDescribeCluster, "DescribeCluster", 0, 0, 1, 0},
};

}  // namespace

std::span<const Api> apis() { return kApis; }

const Api* find_api(int16_t key) {
  for (const Api& api : kApis)
    if (int16_t(api.key) == key) return &api;
  return nullptr;
}

const Api& api_of(ApiKey key) {
  const Api* api = find_api(int16_t(key));
  WEIR_CHECK(api != nullptr);
  return *api;
}

}  // namespace weir::wire
