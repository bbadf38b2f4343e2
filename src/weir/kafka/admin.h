// Topics and offsets of a cluster. Every call answers within its limit or fails with kUnreachable.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/kafka/client.h"

namespace weir::kafka {

struct TopicInfo {
  std::string name;
  int32_t partitions = 0, replication = 0;
  int32_t under_replicated = 0;  // partitions with fewer replicas in sync than they have
};

// What a broker tells of its cluster.
struct ClusterInfo {
  int32_t brokers = 0;
  // One broker's settings in force without those it keeps secret; empty when this client may not
  // read them.
  std::map<std::string, std::string> settings;
};

class Admin {
 public:
  virtual ~Admin() = default;
  // kUnreachable when no broker answers within 5 s.
  static Result<std::unique_ptr<Admin>> open(const ClientConfig& client);
  // kAlreadyExists when it is there.
  virtual Status create_topic(const std::string& name, int32_t partitions, int32_t replication,
                              const std::map<std::string, std::string>& config) = 0;
  virtual Status delete_topic(const std::string& name) = 0;  // kNotFound
  virtual Result<std::vector<TopicInfo>> topics() = 0;
  virtual Result<TopicInfo> topic(const std::string& name) = 0;  // kNotFound
  // Next offset to be written (read committed) / first offset kept, per partition.
  virtual Result<std::vector<Offset>> end_offsets(const std::string& topic) = 0;
  virtual Result<std::vector<Offset>> start_offsets(const std::string& topic) = 0;
  virtual Result<ClusterInfo> cluster() = 0;
  virtual std::string broker_description() const = 0;  // broker count and addresses, for reports
};

}  // namespace weir::kafka
