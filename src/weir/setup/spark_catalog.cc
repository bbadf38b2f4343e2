#include "weir/setup/catalog.h"

namespace weir::setup {
namespace {

constexpr const char* kSparkVersion = "3.5.7";

// One dependency as it is, without those of its own: the distribution has them.
std::string alone(const std::string& group, const std::string& artifact,
                  const std::string& version) {
  return "  <dependency>\n    <groupId>" + group + "</groupId><artifactId>" + artifact +
         "</artifactId>\n    <version>" + version +
         "</version>\n    <exclusions><exclusion><groupId>*</groupId>"
         "<artifactId>*</artifactId></exclusion></exclusions>\n  </dependency>\n";
}

}  // namespace

Software apache_spark() {
  Software spark;
  spark.name = "spark";
  spark.title = "Apache Spark";
  spark.version = kSparkVersion;
  spark.download_bytes = 337'203'687;
  spark.prepared_bytes = 360'515'968;
  // PyPI's source archive is the whole distribution, under deps/, beside the Python library.
  spark.archive =
      Archive{.requirement = "pyspark==3.5.7",
              .pin = {"pyspark-3.5.7.tar.gz",
                      "80e36514e0c5c126d35a26adf4f405cd4a69de96a8ea8a3c1e9a65fce2fb4eaa"},
              .parts = {{{"pyspark-3.5.7/deps/bin", "pyspark-3.5.7/deps/jars",
                          "pyspark-3.5.7/deps/sbin", "pyspark-3.5.7/deps/licenses"},
                         2,
                         ""},
                        {{"pyspark-3.5.7/lib"}, 1, "python"}}};
  // What Spark 3.5 needs beyond it to serve Connect and to read and write Kafka.
  spark.dependencies =
      alone("org.apache.spark", "spark-connect_2.12", kSparkVersion) +
      alone("org.apache.spark", "spark-sql-kafka-0-10_2.12", kSparkVersion) +
      alone("org.apache.spark", "spark-token-provider-kafka-0-10_2.12", kSparkVersion) +
      alone("org.apache.kafka", "kafka-clients", "3.4.1") +
      alone("org.apache.commons", "commons-pool2", "2.11.1");
  spark.jars = {
      {"commons-pool2-2.11.1.jar",
       "ea0505ee7515e58b1ac0e686e4d1a5d9f7d808e251a61bc371aa0595b9963f83"},
      {"kafka-clients-3.4.1.jar",
       "9d0a9058c8ede79db6e54ae378ed16fe8d1bead2894635a4aa6aa0b7981668c6"},
      {"spark-connect_2.12-3.5.7.jar",
       "15366e21273a874c760b51fa00743a2acb8fa78642cc35d7a076a3ade0c5eef6"},
      {"spark-sql-kafka-0-10_2.12-3.5.7.jar",
       "184f8bd4a3cd22299c49090d88b894f81fd7546b4ee64879519a0d76a685dbb8"},
      {"spark-token-provider-kafka-0-10_2.12-3.5.7.jar",
       "9701914db5c6d09628b58d2d2c1ccd2c9ea28f32f83dd6cb21f98b8237531ff4"},
  };
  spark.jars_folder = "jars";
  spark.manifest_sha256 = "bb53414feddebfda3a6a765ec99458d718e359c538b7b14f4db140a0ce945584";
  return spark;
}

}  // namespace weir::setup
