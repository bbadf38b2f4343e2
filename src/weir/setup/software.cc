#include "weir/setup/software.h"

#include <unistd.h>

#include <charconv>
#include <filesystem>

#include "weir/setup/catalog.h"
#include "weir/setup/install.h"
#include "weir/setup/tree.h"
#include "weir/sys/disk.h"

namespace weir::setup {
namespace {

// The folder of prepared software after a look that reads no file but its list.
Result<std::string> home_of(const Software& software, const Places& places) {
  const std::string folder = folder_of(software, places);
  if (!real_disk()->exists(folder))
    return fail(Code::kNotFound, software.title + " " + software.version + " is not prepared",
                "there is no " + folder,
                "weir setup " + software.name + " (about " +
                    std::to_string(software.download_bytes / 1'000'000) + " MB to download)");
  WEIR_TRY(look_at_tree(folder, software.manifest_sha256));
  return folder;
}

// "3.5.7" of "spark-core_2.12-3.5.7.jar"; empty when `file` is no such jar of `artifact`.
std::string version_of_jar(const std::string& file, const std::string& artifact) {
  if (!file.starts_with(artifact + "_") || !file.ends_with(".jar")) return {};
  const size_t dash = file.find('-', artifact.size());
  if (dash == std::string::npos) return {};
  return file.substr(dash + 1, file.size() - dash - 1 - std::string(".jar").size());
}

struct Release {
  int major = 0, minor = 0;
};

Release release_of(const std::string& version) {
  Release release;
  const char* end = version.data() + version.size();
  const auto major = std::from_chars(version.data(), end, release.major);
  if (major.ec == std::errc() && major.ptr < end)
    std::from_chars(major.ptr + 1, end, release.minor);
  return release;
}

Status check_jar(const std::string& artifact, const Spark& spark,
                 const std::vector<std::string>& jars) {
  std::string others;
  for (const std::string& jar : jars) {
    const std::string version = version_of_jar(jar, artifact);
    if (version == spark.version) return {};
    if (!version.empty()) others = jar;
  }
  return fail(Code::kUsage, "SPARK_HOME lacks the jar of " + artifact,
              others.empty()
                  ? "Spark is " + spark.version + ", and " + spark.home + "/jars has no such jar"
                  : "Spark is " + spark.version + ", its jars folder has " + others,
              "put that of version " + spark.version +
                  " there, or unset SPARK_HOME and run weir setup spark");
}

Result<Spark> named_spark(const std::string& home) {
  const auto none = [&](std::string why) {
    return fail(Code::kUsage, "SPARK_HOME is no Spark: " + home, std::move(why),
                "let it name the folder that holds bin and jars, or unset it and run weir setup "
                "spark");
  };
  if (access((home + "/bin/spark-submit").c_str(), X_OK) != 0)
    return none("there is no program bin/spark-submit in it");
  const auto jars = real_disk()->list(home + "/jars");
  if (!jars) return none("its folder jars cannot be read");
  Spark spark{.version = {}, .home = home, .own = false};
  for (const std::string& jar : *jars)
    if (auto version = version_of_jar(jar, "spark-core"); !version.empty()) spark.version = version;
  if (spark.version.empty()) return none("its folder jars has no spark-core");
  const Release release = release_of(spark.version);
  if (release.major < 3 || (release.major == 3 && release.minor < 5))
    return fail(Code::kUsage, "Spark " + spark.version + " of SPARK_HOME is too old",
                "weir drives Spark 3.5 and later, over Spark Connect",
                "unset SPARK_HOME and run weir setup spark");
  for (const char* artifact : {"spark-connect", "spark-sql-kafka-0-10"})
    WEIR_TRY(check_jar(artifact, spark, *jars));
  return spark;
}

}  // namespace

Result<Kafka> kafka_home(const Places& places) {
  const Software software = apache_kafka();
  Kafka kafka;
  kafka.version = software.version;
  kafka.home = WEIR_TRY(home_of(software, places));
  kafka.classpath = kafka.home + "/" + software.jars_folder + "/*";
  return kafka;
}

Result<Spark> spark_home(const Places& places) {
  if (!places.spark_home.empty()) return named_spark(places.spark_home);
  const Software software = apache_spark();
  return Spark{
      .version = software.version, .home = WEIR_TRY(home_of(software, places)), .own = true};
}

}  // namespace weir::setup
