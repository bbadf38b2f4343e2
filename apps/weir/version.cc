// weir version: what this program is and was built from.
#include <fmt/format.h>
#include <gnu/libc-version.h>
#include <librdkafka/rdkafka.h>
#include <lz4.h>
#include <simdjson.h>
#include <sys/utsname.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "apps/weir/build_facts.h"
#include "apps/weir/cli.h"

namespace weir::cli {
namespace {

using Facts = std::vector<std::pair<std::string, std::string>>;

Facts libraries() {
  return {{"librdkafka", rd_kafka_version_str()},
          {"simdjson", SIMDJSON_STRINGIFY(SIMDJSON_VERSION)},
          {"fmt", fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100,
                              FMT_VERSION % 100)},
          {"zlib", zlibVersion()},
          {"lz4", LZ4_versionString()},
          {"zstd", ZSTD_versionString()},
          {"glibc", gnu_get_libc_version()}};
}

Facts build() {
  return {{"commit", *kBuildCommit ? kBuildCommit : "not known"},
          {"compiler", fmt::format("GCC {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__)},
          {"flags", kBuildFlags},
          {"system", kBuildSystem}};
}

void print(const Facts& facts) {
  for (const auto& [name, value] : facts) std::printf("%-11s %s\n", name.c_str(), value.c_str());
}

}  // namespace

int version_command(Arguments arguments) {
  CLI::App app("Says what this program is and was built from.", "weir version");
  std::string json;
  app.add_option("--json", json, "- prints the same as JSON")->check(CLI::IsMember({"-"}));
  app.footer(
      "examples:\n"
      "  weir version\n"
      "  weir --version\n"
      "  weir version --json - | jq -r .libraries.librdkafka");
  if (auto done = parse(app, std::move(arguments))) return *done;
  if (json.empty()) {
    std::printf("%-11s %s\n", "weir", WEIR_VERSION);
    print(build());
    print(libraries());
    return kMet;
  }
  nlohmann::ordered_json facts = {{"schema", "weir.version/1"}, {"weir", WEIR_VERSION}};
  for (const auto& [name, value] : build()) facts[name] = value;
  for (const auto& [name, value] : libraries()) facts["libraries"][name] = value;
  std::printf("%s\n", facts.dump(2).c_str());
  return kMet;
}

}  // namespace weir::cli
