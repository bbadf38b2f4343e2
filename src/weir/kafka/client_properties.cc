#include "weir/kafka/client_properties.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>

#include "weir/base/nearest.h"
#include "weir/kafka/java_names.h"
#include "weir/kafka/login_module.h"

namespace weir::kafka {
namespace {

// Whether this librdkafka has a setting of that name; its value is judged when a client is opened.
bool librdkafka_knows(const std::string& key) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  // Asking for a value would hide the names of secret ones.
  const bool known = rd_kafka_conf_set(conf, key.c_str(), "", nullptr, 0) != RD_KAFKA_CONF_UNKNOWN;
  rd_kafka_conf_destroy(conf);
  return known;
}

enum class StoreKind { kPem, kJks, kPkcs12, kUnknown };

// By the first bytes: PEM has a BEGIN line, JKS its magic number FEEDFEED, PKCS#12 is a DER
// SEQUENCE of a two- or more-byte length.
StoreKind kind_of(std::string_view bytes) {
  if (bytes.find("-----BEGIN ") != std::string_view::npos) return StoreKind::kPem;
  if (bytes.starts_with("\xFE\xED\xFE\xED")) return StoreKind::kJks;
  if (bytes.size() > 2 && bytes[0] == 0x30 && uint8_t(bytes[1]) >= 0x80) return StoreKind::kPkcs12;
  return StoreKind::kUnknown;
}

const char* word_of(StoreKind kind) {
  return kind == StoreKind::kJks      ? "a Java key store (JKS)"
         : kind == StoreKind::kPkcs12 ? "a PKCS#12 store"
                                      : "not PEM";
}

class Translation {
 public:
  Translation(const Properties& java, const std::string& source, Disk& disk)
      : java_(java), source_(source), disk_(disk) {}

  Result<ClientProperties> run() {
    for (const auto& [key, value] : java_) WEIR_TRY(take(key, value));
    WEIR_TRY(take_login());
    WEIR_TRY(take_truststore());
    WEIR_TRY(take_keystore());
    return std::move(result_);
  }

 private:
  const std::string* find(const char* key) const {
    const auto found = java_.find(key);
    return found == java_.end() || found->second.empty() ? nullptr : &found->second;
  }

  void note(const std::string& key, const std::string& why) {
    result_.notes.push_back(source_ + ": " + key + " is left out: " + why);
  }

  tl::unexpected<Error> refuse(const std::string& what, std::string why, std::string remedy) const {
    return fail(Code::kUsage, source_ + ": " + what, std::move(why), std::move(remedy));
  }

  Status take(const std::string& key, const std::string& value) {
    if (key == "bootstrap.servers") {
      result_.brokers = value;
      return {};
    }
    if (is_store_setting(key)) return {};
    if (const char* other = renamed(key)) {
      const auto [name, changed] = convert(other, value);
      result_.properties[name] = changed;
      return {};
    }
    if (key.starts_with("weir.")) {
      result_.properties[key] = value;
      return {};
    }
    if (const char* why = java_only(key)) {
      if (*why) note(key, why);
      return {};
    }
    if (librdkafka_knows(key)) {
      result_.properties[key] = value;
      return {};
    }
    const std::string close = nearest(key, known_names());
    if (!close.empty())
      return refuse("unknown property " + key, "neither Kafka's clients nor librdkafka have it",
                    "did you mean " + close + "?");
    note(key, "neither Kafka's clients nor librdkafka have it");
    return {};
  }

  // A value in librdkafka's own unit or word, for a key under its name.
  static std::pair<std::string, std::string> convert(const std::string& key,
                                                     const std::string& value) {
    if (key == "ssl.endpoint.identification.algorithm")
      return {key, value.empty() ? "none" : value == "HTTPS" ? "https" : value};
    if (key == "queue.buffering.max.kbytes") {
      constexpr int64_t kKilobyte = 1024;
      char* end = nullptr;
      const int64_t bytes = std::strtoll(value.c_str(), &end, 10);
      if (end != value.c_str() && !*end)
        return {key, std::to_string(std::max<int64_t>(1, bytes / kKilobyte))};
    }
    // Java's -1 leaves it to the system, librdkafka's 0 does.
    if ((key == "socket.send.buffer.bytes" || key == "socket.receive.buffer.bytes") &&
        value == "-1")
      return {key, "0"};
    return {key, value};
  }

  Status take_login() {
    const std::string* text = find("sasl.jaas.config");
    if (!text) return {};
    const auto module = WEIR_TRY_IN(source_, read_login_module(*text));
    if (!module.name.ends_with(".PlainLoginModule") && !module.name.ends_with(".ScramLoginModule"))
      return refuse("the login module " + module.name + " cannot be used",
                    "weir takes user name and password from PlainLoginModule and ScramLoginModule",
                    "give librdkafka's own settings instead, e.g. -X sasl.kerberos.keytab=FILE");
    for (const char* option : {"username", "password"}) {
      const auto found = module.options.find(option);
      if (found == module.options.end())
        return refuse(std::string("sasl.jaas.config has no ") + option,
                      "the broker asks for user name and password",
                      std::string("add ") + option + "=\"...\" to it");
      result_.properties[std::string("sasl.") + option] = found->second;
    }
    return {};
  }

  // The bytes of a store, and what they are.
  Result<StoreKind> look_at(const char* key, const std::string& path) {
    auto bytes = disk_.read(path);
    if (!bytes)
      return refuse(std::string(key) + " cannot be read",
                    bytes.error().what + ": " + bytes.error().why,
                    "name an existing file that this user may read");
    return kind_of(*bytes);
  }

  Status take_truststore() {
    if (const auto* pem = find("ssl.truststore.certificates"))
      result_.properties["ssl.ca.pem"] = *pem;
    const auto* path = find("ssl.truststore.location");
    if (!path) return {};
    const auto kind = WEIR_TRY(look_at("ssl.truststore.location", *path));
    if (kind != StoreKind::kPem)
      return refuse(fmt::format("the trust store {} is {}", *path, word_of(kind)),
                    "librdkafka, which speaks TLS for weir, reads trusted certificates as PEM",
                    fmt::format("keytool -list -rfc -keystore {} > ca.pem, then "
                                "ssl.truststore.location=ca.pem and ssl.truststore.type=PEM",
                                *path));
    result_.properties["ssl.ca.location"] = *path;
    return {};
  }

  Status take_keystore() {
    if (const auto* chain = find("ssl.keystore.certificate.chain"))
      result_.properties["ssl.certificate.pem"] = *chain;
    if (const auto* key = find("ssl.keystore.key")) result_.properties["ssl.key.pem"] = *key;
    const auto* path = find("ssl.keystore.location");
    if (!path) return {};
    const auto kind = WEIR_TRY(look_at("ssl.keystore.location", *path));
    if (kind == StoreKind::kPem) {
      result_.properties["ssl.certificate.location"] = *path;
      result_.properties["ssl.key.location"] = *path;
      return {};
    }
    if (kind != StoreKind::kPkcs12)
      return refuse(fmt::format("the key store {} is {}", *path, word_of(kind)),
                    "librdkafka, which speaks TLS for weir, reads keys as PKCS#12 or PEM",
                    fmt::format("keytool -importkeystore -srckeystore {} -destkeystore client.p12 "
                                "-deststoretype PKCS12, then ssl.keystore.location=client.p12",
                                *path));
    result_.properties["ssl.keystore.location"] = *path;
    if (const auto* password = find("ssl.keystore.password"))
      result_.properties["ssl.keystore.password"] = *password;
    return {};
  }

  const Properties& java_;
  const std::string& source_;
  Disk& disk_;
  ClientProperties result_;
};

}  // namespace

Result<ClientProperties> translate_properties(const Properties& java, const std::string& source,
                                              Disk& disk) {
  return Translation(java, source, disk).run();
}

Result<ClientProperties> read_client_properties(const std::string& path, Disk& disk) {
  auto text = disk.read(path);
  if (!text)
    return fail(Code::kUsage, "cannot read the client's properties " + path,
                text.error().what + ": " + text.error().why,
                "name an existing file that this user may read");
  return translate_properties(WEIR_TRY(read_java_properties(*text, path)), path, disk);
}

Status take_assignment(const std::string& flag, const std::string& text, Properties& into) {
  const size_t at = text.find('=');
  if (at == std::string::npos || at == 0) {
    // What stands there may be a password whose key was forgotten.
    return fail(Code::kUsage, flag + " needs key=value", "there is no = after a key in it",
                "write it as " + flag + " linger.ms=20");
  }
  into[text.substr(0, at)] = text.substr(at + 1);
  return {};
}

}  // namespace weir::kafka
