// The other way round than client_properties.h: what a Java client must be told to reach the
// cluster that weir's own clients reach, for engines that run in a JVM.
//
// Only how the cluster is reached is carried over: addresses, TLS, user and password. Names and
// values are those of Kafka 3.9's AdminClientConfig, SslConfigs and SaslConfigs.
#pragma once
#include "weir/base/result.h"
#include "weir/kafka/client.h"
#include "weir/kafka/java_properties.h"
#include "weir/sys/disk.h"

namespace weir::kafka {

// bootstrap.servers is always there. A certificate and its key in two PEM files are read, for Java
// takes them from one. kUsage for a login that has no counterpart here (Kerberos, OAUTHBEARER);
// kNotFound and the like when a file cannot be read.
Result<Properties> java_client_properties(const ClientConfig& client, Disk& disk);

}  // namespace weir::kafka
