// Consumer groups on weir's own wire codec: the coordinator is looked up for each call, so that
// one that moved is found again.
#pragma once
#include <memory>

#include "weir/kafka/cluster.h"
#include "weir/kafka/groups.h"

namespace weir::kafka {

class NativeGroups final : public Groups {
 public:
  static Result<std::unique_ptr<Groups>> open(const ClientConfig& client);
  explicit NativeGroups(std::unique_ptr<Cluster> cluster) : cluster_(std::move(cluster)) {}

  Result<std::vector<Offset>> committed_offsets(const std::string& group, const std::string& topic,
                                                int32_t partitions) override;
  Result<int> settled_members(const std::string& group) override;

 private:
  Result<Connection*> coordinator(const std::string& group);

  std::unique_ptr<Cluster> cluster_;
};

}  // namespace weir::kafka
