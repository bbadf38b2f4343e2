#include "weir/kafka/java_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

namespace weir::kafka {
namespace {

// In the double quotes of a login module's line.
std::string quoted(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return '"' + out + '"';
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return char(std::toupper(uint8_t(c))); });
  return text;
}

// Another process has another working directory.
std::string absolute(const std::string& path) { return std::filesystem::absolute(path).string(); }

class Reversal {
 public:
  Reversal(const ClientConfig& client, Disk& disk) : client_(client), disk_(disk) {}

  Result<Properties> run() {
    java_["bootstrap.servers"] = client_.brokers;
    if (const auto* protocol = find("security.protocol"))
      java_["security.protocol"] = upper(*protocol);
    WEIR_TRY(take_login());
    take_trust();
    WEIR_TRY(take_key());
    if (const auto check = client_.properties.find("ssl.endpoint.identification.algorithm");
        check != client_.properties.end())
      java_[check->first] = check->second == "none" ? "" : check->second;
    return std::move(java_);
  }

 private:
  const std::string* find(const char* key) const {
    const auto found = client_.properties.find(key);
    return found == client_.properties.end() || found->second.empty() ? nullptr : &found->second;
  }

  Status take_login() {
    const auto* mechanism = find("sasl.mechanism");
    if (!mechanism) mechanism = find("sasl.mechanisms");
    if (!mechanism) return {};
    const bool is_scram = mechanism->starts_with("SCRAM-");
    if (!is_scram && *mechanism != "PLAIN")
      return fail(Code::kUsage, "an engine in a JVM cannot be given the login " + *mechanism,
                  "weir hands on user name and password only",
                  "use a listener with PLAIN or SCRAM, or an external engine that logs in itself");
    java_["sasl.mechanism"] = *mechanism;
    const auto* user = find("sasl.username");
    if (!user) return {};
    const auto* password = find("sasl.password");
    java_["sasl.jaas.config"] =
        fmt::format("org.apache.kafka.common.security.{} required username={} password={};",
                    is_scram ? "scram.ScramLoginModule" : "plain.PlainLoginModule", quoted(*user),
                    quoted(password ? *password : ""));
    return {};
  }

  void take_trust() {
    if (const auto* pem = find("ssl.ca.pem")) {
      java_["ssl.truststore.type"] = "PEM";
      java_["ssl.truststore.certificates"] = *pem;
    } else if (const auto* path = find("ssl.ca.location")) {
      java_["ssl.truststore.type"] = "PEM";
      java_["ssl.truststore.location"] = absolute(*path);
    }
  }

  // A PEM that is given as such or in a file; empty when neither is.
  Result<std::string> pem_of(const char* text_key, const char* path_key) {
    if (const auto* text = find(text_key)) return *text;
    const auto* path = find(path_key);
    if (!path) return std::string();
    return WEIR_TRY_IN(path_key, disk_.read(*path));
  }

  Status take_key() {
    if (const auto* path = find("ssl.keystore.location")) {
      java_["ssl.keystore.type"] = "PKCS12";
      java_["ssl.keystore.location"] = absolute(*path);
      if (const auto* password = find("ssl.keystore.password"))
        java_["ssl.keystore.password"] = *password;
      return {};
    }
    const auto chain = WEIR_TRY(pem_of("ssl.certificate.pem", "ssl.certificate.location"));
    const auto key = WEIR_TRY(pem_of("ssl.key.pem", "ssl.key.location"));
    if (chain.empty() || key.empty()) return {};
    java_["ssl.keystore.type"] = "PEM";
    java_["ssl.keystore.certificate.chain"] = chain;
    java_["ssl.keystore.key"] = key;
    if (const auto* password = find("ssl.key.password")) java_["ssl.key.password"] = *password;
    return {};
  }

  const ClientConfig& client_;
  Disk& disk_;
  Properties java_;
};

}  // namespace

Result<Properties> java_client_properties(const ClientConfig& client, Disk& disk) {
  return Reversal(client, disk).run();
}

}  // namespace weir::kafka
