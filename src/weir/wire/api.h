// The APIs of the Kafka protocol that weir speaks, as data.
#pragma once
#include <cstdint>
#include <span>

namespace weir::wire {

enum class ApiKey : int16_t {
  kProduce = 0,
  kFetch = 1,
  kListOffsets = 2,
  kMetadata = 3,
  kOffsetCommit = 8,
  kOffsetFetch = 9,
  kFindCoordinator = 10,
  kJoinGroup = 11,
  kHeartbeat = 12,
  kLeaveGroup = 13,
  kSyncGroup = 14,
  kDescribeGroups = 15,
  kListGroups = 16,
  kApiVersions = 18,
  kCreateTopics = 19,
  kDeleteTopics = 20,
  kDeleteRecords = 21,
  kInitProducerId = 22,
  kOffsetForLeaderEpoch = 23,
  kDescribeConfigs = 32,
  kAlterConfigs = 33,
  kCreatePartitions = 37,
  kDeleteGroups = 42,
  kIncrementalAlterConfigs = 44,
  kDescribeCluster = 60,
};

struct Api {
  ApiKey key;
  const char* name;
  int16_t first_advertised;  // what ApiVersions says; clients switch features on by it
  int16_t first;             // the least version that is understood
  int16_t last;              // the highest, advertised and understood
  int16_t first_flexible;    // from here on: compact lengths, tagged fields, longer headers

  constexpr bool serves(int16_t version) const { return first <= version && version <= last; }
  constexpr bool is_flexible(int16_t version) const { return version >= first_flexible; }
};

// All of them, by rising key.
std::span<const Api> apis();
// The API with this number as it came over the wire; nullptr when weir does not speak it.
const Api* find_api(int16_t key);
const Api& api_of(ApiKey key);

}  // namespace weir::wire
