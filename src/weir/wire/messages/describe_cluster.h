// DescribeCluster: the cluster's id, controller and brokers, as admin clients ask for them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/wire/api.h"
#include "weir/wire/errors.h"
#include "weir/wire/field.h"

namespace weir::wire {

struct DescribeClusterRequest {
  static constexpr auto kApi = ApiKey::kDescribeCluster;
  static constexpr auto kName = "DescribeClusterRequest";

  bool include_cluster_authorized_operations = false;
  int8_t endpoint_type = 1;  // 1 brokers, 2 controllers
  static void fields(auto& w, auto& m) {
    w({"IncludeClusterAuthorizedOperations"}, m.include_cluster_authorized_operations);
    w({"EndpointType", since(1)}, m.endpoint_type);
  }
  bool operator==(const DescribeClusterRequest&) const = default;
};

struct DescribeClusterResponse {
  static constexpr auto kApi = ApiKey::kDescribeCluster;
  static constexpr auto kName = "DescribeClusterResponse";

  struct Broker {
    int32_t broker_id = 0;
    std::string host;
    int32_t port = 0;
    std::optional<std::string> rack;
    static void fields(auto& w, auto& m) {
      w({"BrokerId"}, m.broker_id);
      w({"Host"}, m.host);
      w({"Port"}, m.port);
      w({"Rack", kAlways, kAlways}, m.rack);
    }
    bool operator==(const Broker&) const = default;
  };

  int32_t throttle_time_ms = 0;  // keep 0: clients pause on it
  ErrorCode error = ErrorCode::kNone;
  std::optional<std::string> error_message;
  int8_t endpoint_type = 1;
  std::string cluster_id;
  int32_t controller_id = -1;
  std::vector<Broker> brokers;
  int32_t cluster_authorized_operations = INT32_MIN;  // INT32_MIN: not asked
  static void fields(auto& w, auto& m) {
    w({"ThrottleTimeMs"}, m.throttle_time_ms);
    w({"ErrorCode"}, m.error);
    w({"ErrorMessage", kAlways, kAlways}, m.error_message);
    w({"EndpointType", since(1)}, m.endpoint_type);
    w({"ClusterId"}, m.cluster_id);
    w({"ControllerId"}, m.controller_id);
    w({"Brokers"}, m.brokers);
    w({"ClusterAuthorizedOperations"}, m.cluster_authorized_operations);
  }
  bool operator==(const DescribeClusterResponse&) const = default;
};

}  // namespace weir::wire
