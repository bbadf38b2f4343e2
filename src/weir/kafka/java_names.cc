#include "weir/kafka/java_names.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace weir::kafka {
namespace {

struct Pair {
  const char* java;
  const char* other;
};

constexpr Pair kRenamed[] = {
    {"buffer.memory", "queue.buffering.max.kbytes"},
    {"fetch.max.wait.ms", "fetch.wait.max.ms"},
    {"max.request.size", "message.max.bytes"},
    {"receive.buffer.bytes", "socket.receive.buffer.bytes"},
    {"send.buffer.bytes", "socket.send.buffer.bytes"},
    {"ssl.endpoint.identification.algorithm", "ssl.endpoint.identification.algorithm"},
};

constexpr const char* kPositions = "weir keeps positions itself";
constexpr const char* kNoTransactions = "weir writes without transactions";
constexpr const char* kLibrary = "librdkafka chooses by itself";
constexpr const char* kJvm = "it names a part of a Java program";
constexpr const char* kOauth = "give librdkafka's sasl.oauthbearer.* settings with -X instead";
constexpr const char* kWeirs = "weir sets it itself";
constexpr const char* kMetrics = "it concerns metrics of Java's clients";

constexpr Pair kJavaOnly[] = {
    {"allow.auto.create.topics", kWeirs},
    {"auto.commit.interval.ms", kPositions},
    {"auto.include.jmx.reporter", kMetrics},
    {"auto.offset.reset", kPositions},
    {"bootstrap.controllers", "weir asks brokers only"},
    {"client.dns.lookup", ""},
    {"default.api.timeout.ms", kLibrary},
    {"enable.auto.commit", kPositions},
    {"enable.metrics.push", kMetrics},
    {"exclude.internal.topics", ""},
    {"group.id", kPositions},
    {"group.instance.id", kPositions},
    {"group.protocol", kPositions},
    {"group.remote.assignor", kPositions},
    {"heartbeat.interval.ms", kPositions},
    {"interceptor.classes", kJvm},
    {"isolation.level", "weir reads committed data only"},
    {"key.deserializer", ""},
    {"key.serializer", ""},
    {"max.block.ms", "weir never waits for room in the queue"},
    {"max.poll.interval.ms", kPositions},
    {"max.poll.records", ""},
    {"metadata.max.idle.ms", kLibrary},
    {"metadata.recovery.strategy", kLibrary},
    {"metric.reporters", kMetrics},
    {"metrics.num.samples", kMetrics},
    {"metrics.recording.level", kMetrics},
    {"metrics.sample.window.ms", kMetrics},
    {"partition.assignment.strategy", kPositions},
    {"partitioner.adaptive.partitioning.enable", "weir chooses partitions itself"},
    {"partitioner.availability.timeout.ms", "weir chooses partitions itself"},
    {"partitioner.class", "weir chooses partitions itself"},
    {"partitioner.ignore.keys", "weir chooses partitions itself"},
    {"sasl.client.callback.handler.class", kJvm},
    {"sasl.kerberos.kinit.cmd", "librdkafka has sasl.kerberos.kinit.cmd with other rules; use -X"},
    {"sasl.kerberos.min.time.before.relogin", kLibrary},
    {"sasl.kerberos.ticket.renew.jitter", kLibrary},
    {"sasl.kerberos.ticket.renew.window.factor", kLibrary},
    {"sasl.login.callback.handler.class", kJvm},
    {"sasl.login.class", kJvm},
    {"sasl.login.connect.timeout.ms", kOauth},
    {"sasl.login.read.timeout.ms", kOauth},
    {"sasl.login.refresh.buffer.seconds", kOauth},
    {"sasl.login.refresh.min.period.seconds", kOauth},
    {"sasl.login.refresh.window.factor", kOauth},
    {"sasl.login.refresh.window.jitter", kOauth},
    {"sasl.login.retry.backoff.max.ms", kOauth},
    {"sasl.login.retry.backoff.ms", kOauth},
    {"sasl.oauthbearer.clock.skew.seconds", kOauth},
    {"sasl.oauthbearer.expected.audience", kOauth},
    {"sasl.oauthbearer.expected.issuer", kOauth},
    {"sasl.oauthbearer.header.urlencode", kOauth},
    {"sasl.oauthbearer.jwks.endpoint.url", kOauth},
    {"sasl.oauthbearer.scope.claim.name", kOauth},
    {"sasl.oauthbearer.sub.claim.name", kOauth},
    {"security.providers", kJvm},
    {"session.timeout.ms", kPositions},
    {"socket.connection.setup.timeout.max.ms", kLibrary},
    {"ssl.enabled.protocols", "OpenSSL agrees on the newest TLS that the broker has"},
    {"ssl.engine.factory.class", kJvm},
    {"ssl.keymanager.algorithm", kJvm},
    {"ssl.protocol", "OpenSSL agrees on the newest TLS that the broker has"},
    {"ssl.provider", kJvm},
    {"ssl.secure.random.implementation", kJvm},
    {"ssl.trustmanager.algorithm", kJvm},
    {"transaction.timeout.ms", kNoTransactions},
    {"transactional.id", kNoTransactions},
    {"value.deserializer", ""},
    {"value.serializer", ""},
};

constexpr const char* kStores[] = {
    "sasl.jaas.config",        "ssl.keystore.certificate.chain", "ssl.keystore.key",
    "ssl.keystore.location",   "ssl.keystore.password",          "ssl.keystore.type",
    "ssl.truststore.location", "ssl.truststore.certificates",    "ssl.truststore.password",
    "ssl.truststore.type",
};

// The names that both sides share and that people write by hand.
constexpr const char* kShared[] = {
    "acks",
    "batch.size",
    "bootstrap.servers",
    "client.id",
    "client.rack",
    "compression.type",
    "connections.max.idle.ms",
    "delivery.timeout.ms",
    "enable.idempotence",
    "fetch.max.bytes",
    "fetch.min.bytes",
    "linger.ms",
    "max.in.flight.requests.per.connection",
    "max.partition.fetch.bytes",
    "metadata.max.age.ms",
    "reconnect.backoff.max.ms",
    "reconnect.backoff.ms",
    "request.timeout.ms",
    "retries",
    "retry.backoff.max.ms",
    "retry.backoff.ms",
    "sasl.kerberos.service.name",
    "sasl.mechanism",
    "sasl.password",
    "sasl.username",
    "security.protocol",
    "socket.connection.setup.timeout.ms",
    "ssl.ca.location",
    "ssl.certificate.location",
    "ssl.cipher.suites",
    "ssl.key.location",
    "ssl.key.password",
};

const char* counterpart(const Pair* begin, const Pair* end, const std::string& java) {
  const auto* found = std::find_if(begin, end, [&](const Pair& pair) { return java == pair.java; });
  return found == end ? nullptr : found->other;
}

}  // namespace

const char* renamed(const std::string& java) {
  return counterpart(std::begin(kRenamed), std::end(kRenamed), java);
}

const char* java_only(const std::string& java) {
  return counterpart(std::begin(kJavaOnly), std::end(kJavaOnly), java);
}

bool is_store_setting(const std::string& java) {
  return std::find(std::begin(kStores), std::end(kStores), java) != std::end(kStores);
}

std::vector<std::string> known_names() {
  std::vector<std::string> all(std::begin(kStores), std::end(kStores));
  all.insert(all.end(), std::begin(kShared), std::end(kShared));
  for (const auto& pair : kRenamed) all.emplace_back(pair.java);
  for (const auto& pair : kJavaOnly) all.emplace_back(pair.java);
  return all;
}

}  // namespace weir::kafka
