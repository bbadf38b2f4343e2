// Topics and offsets on weir's own wire codec: each call sends its requests and waits for the
// answers.
#pragma once
#include <memory>

#include "weir/kafka/admin.h"
#include "weir/kafka/cluster.h"

namespace weir::kafka {

class NativeAdmin final : public Admin {
 public:
  static Result<std::unique_ptr<Admin>> open(const ClientConfig& client);
  explicit NativeAdmin(std::unique_ptr<Cluster> cluster) : cluster_(std::move(cluster)) {}

  Status create_topic(const std::string& name, int32_t partitions, int32_t replication,
                      const std::map<std::string, std::string>& config) override;
  Status delete_topic(const std::string& name) override;
  Result<std::vector<TopicInfo>> topics() override;
  Result<TopicInfo> topic(const std::string& name) override;
  Result<std::vector<Offset>> end_offsets(const std::string& topic) override;
  Result<std::vector<Offset>> start_offsets(const std::string& topic) override;
  Result<ClusterInfo> cluster() override;
  std::string broker_description() const override { return cluster_->description(); }

 private:
  Result<std::vector<Offset>> offsets(const std::string& topic, int64_t which);
  Result<std::vector<Offset>> offsets_now(const std::string& topic, int64_t which);
  Result<Connection*> controller();
  void await_leaders(const std::string& topic);

  std::unique_ptr<Cluster> cluster_;
};

}  // namespace weir::kafka
