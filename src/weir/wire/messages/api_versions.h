// ApiVersions: which APIs and versions the broker speaks.
//
// The response header is always the plain one. A version above ours is answered in version 0 with
// kUnsupportedVersion and our range, so that the client can ask again.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "weir/wire/api.h"
#include "weir/wire/errors.h"
#include "weir/wire/field.h"

namespace weir::wire {

struct ApiVersionsRequest {
  static constexpr auto kApi = ApiKey::kApiVersions;
  static constexpr auto kName = "ApiVersionsRequest";

  std::string client_software_name;
  std::string client_software_version;
  static void fields(auto& w, auto& m) {
    w({"ClientSoftwareName", since(3)}, m.client_software_name);
    w({"ClientSoftwareVersion", since(3)}, m.client_software_version);
  }
  bool operator==(const ApiVersionsRequest&) const = default;
};

struct ApiVersionsResponse {
  static constexpr auto kApi = ApiKey::kApiVersions;
  static constexpr auto kName = "ApiVersionsResponse";

  struct ApiVersion {
    int16_t api_key = 0;
    int16_t min_version = 0;
    int16_t max_version = 0;
    static void fields(auto& w, auto& m) {
      w({"ApiKey"}, m.api_key);
      w({"MinVersion"}, m.min_version);
      w({"MaxVersion"}, m.max_version);
    }
    bool operator==(const ApiVersion&) const = default;
  };

  struct SupportedFeature {
    std::string name;
    int16_t min_version = 0;
    int16_t max_version = 0;
    static void fields(auto& w, auto& m) {
      w({"Name", since(3)}, m.name);
      w({"MinVersion", since(3)}, m.min_version);
      w({"MaxVersion", since(3)}, m.max_version);
    }
    bool operator==(const SupportedFeature&) const = default;
  };

  struct FinalizedFeature {
    std::string name;
    int16_t max_version_level = 0;
    int16_t min_version_level = 0;
    static void fields(auto& w, auto& m) {
      w({"Name", since(3)}, m.name);
      w({"MaxVersionLevel", since(3)}, m.max_version_level);
      w({"MinVersionLevel", since(3)}, m.min_version_level);
    }
    bool operator==(const FinalizedFeature&) const = default;
  };

  ErrorCode error = ErrorCode::kNone;
  std::vector<ApiVersion> apis;
  int32_t throttle_time_ms = 0;  // keep 0: clients pause on it
  std::vector<SupportedFeature> supported_features;
  int64_t finalized_features_epoch = -1;
  std::vector<FinalizedFeature> finalized_features;
  bool zk_migration_ready = false;
  static void fields(auto& w, auto& m) {
    w({"ErrorCode"}, m.error);
    w({"ApiKeys"}, m.apis);
    w({"ThrottleTimeMs", since(1)}, m.throttle_time_ms);
    w({"SupportedFeatures", since(3), kNever, 0}, m.supported_features);
    w({"FinalizedFeaturesEpoch", since(3), kNever, 1, -1}, m.finalized_features_epoch);
    w({"FinalizedFeatures", since(3), kNever, 2}, m.finalized_features);
    w({"ZkMigrationReady", since(3), kNever, 3}, m.zk_migration_ready);
  }
  bool operator==(const ApiVersionsResponse&) const = default;
};

}  // namespace weir::wire
