#include "weir/setup/fetch.h"

#include <filesystem>
#include <set>

#include "weir/setup/java.h"
#include "weir/setup/tree.h"
#include "weir/sys/disk.h"
#include "weir/sys/log_tail.h"

namespace weir::setup {
namespace {

constexpr size_t kLinesShown = 4;

struct Source {
  const char* program;
  const char* package;  // as Debian, Ubuntu and Fedora name it
};
constexpr Source kSources[] = {{"mvn", "maven"}, {"pip3", "python3-pip"}, {"tar", "tar"}};

tl::unexpected<Error> cannot_download(const Software& software, const std::string& program,
                                      const Outcome& outcome) {
  return fail(Code::kFailed, "cannot download " + software.title + " " + software.version,
              program + " ended with " + std::to_string(outcome.status) + ": " +
                  last_lines(outcome.text, kLinesShown),
              "check the network and the mirror that " + program +
                  " is set to; without internet: weir setup " + software.name +
                  " --from a file made elsewhere with --bundle");
}

Status check_download(const Software& software, const std::string& path, const Pin& pin) {
  auto found = sha256_of_file(*real_disk(), path);
  if (!found && found.error().code == Code::kNotFound)
    return fail(Code::kCorrupt, "the download of " + software.title + " lacks " + pin.file,
                "the program that fetched it did not report an error",
                "check the mirror it is set to, then try again");
  if (!found) return tl::unexpected(found.error());
  if (*found == pin.sha256) return {};
  return fail(Code::kCorrupt, "refused " + pin.file + " as part of " + software.title,
              "its SHA-256 is " + *found + ", weir expects " + pin.sha256,
              "check the mirror it came from, remove its copy from the cache of mvn or pip, then "
              "try again");
}

Status fetch_jars(const Software& software, const std::string& work, const std::string& tree,
                  const Surroundings& around) {
  const std::string mvn = WEIR_TRY(needed_program("mvn", around.places));
  const auto disk = real_disk();
  const std::string pom = work + "/pom.xml", jars = work + "/jars";
  WEIR_TRY(
      disk->write_whole(pom,
                        "<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n"
                        "<modelVersion>4.0.0</modelVersion>\n<groupId>weir</groupId><artifactId>" +
                            software.name + "</artifactId><version>1</version>\n<dependencies>\n" +
                            software.dependencies + "</dependencies>\n</project>\n"));
  if (around.tell) around.tell("mvn fetches " + std::to_string(software.jars.size()) + " jars");
  const auto outcome = WEIR_TRY(run_tool(
      {mvn, "-q", "-B", "-f", pom, "dependency:copy-dependencies", "-DoutputDirectory=" + jars}, {},
      around.places, around.cancelled));
  if (outcome.status != 0) return cannot_download(software, "mvn", outcome);
  WEIR_TRY(disk->make_folders(tree + "/" + software.jars_folder));
  std::set<std::string> expected;
  for (const Pin& pin : software.jars) {
    WEIR_TRY(check_download(software, jars + "/" + pin.file, pin));
    WEIR_TRY(
        disk->rename(jars + "/" + pin.file, tree + "/" + software.jars_folder + "/" + pin.file));
  }
  const auto others = WEIR_TRY(disk->list(jars));
  if (others.empty()) return {};
  return fail(Code::kCorrupt, "refused " + others.front() + " as part of " + software.title,
              "the pinned version does not depend on it",
              "check the mirror that mvn is set to, then try again");
}

Status fetch_archive(const Software& software, const std::string& work, const std::string& tree,
                     const Surroundings& around) {
  const Archive& archive = *software.archive;
  const std::string pip = WEIR_TRY(needed_program("pip3", around.places));
  const std::string tar = WEIR_TRY(needed_program("tar", around.places));
  const std::string into = work + "/archive", scratch = work + "/tmp";
  WEIR_TRY(real_disk()->make_folders(into));
  WEIR_TRY(real_disk()->make_folders(scratch));
  if (around.tell) around.tell("pip fetches " + archive.requirement);
  // pip unpacks beside the download to read its metadata: under TMPDIR, where /tmp may be small.
  const auto outcome =
      WEIR_TRY(run_tool({pip, "download", "--no-deps", "--disable-pip-version-check",
                         "--progress-bar", "off", "--dest", into, archive.requirement},
                        {{"TMPDIR", scratch}}, around.places, around.cancelled));
  if (outcome.status != 0) return cannot_download(software, "pip", outcome);
  const std::string file = into + "/" + archive.pin.file;
  WEIR_TRY(check_download(software, file, archive.pin));
  if (around.tell) around.tell("unpacking " + archive.pin.file);
  for (const Archive::Part& part : archive.parts) {
    const std::string target = part.into.empty() ? tree : tree + "/" + part.into;
    WEIR_TRY(real_disk()->make_folders(target));
    std::vector<std::string> arguments = {tar,
                                          "-xzf",
                                          file,
                                          "--no-same-owner",
                                          "-C",
                                          target,
                                          "--strip-components=" + std::to_string(part.strip)};
    arguments.insert(arguments.end(), part.inside.begin(), part.inside.end());
    const auto unpacked = WEIR_TRY(run_tool(arguments, {}, around.places, around.cancelled));
    if (unpacked.status != 0)
      return fail(Code::kFailed, "cannot unpack " + file,
                  "tar ended with " + std::to_string(unpacked.status) + ": " +
                      last_lines(unpacked.text, kLinesShown),
                  "free disk space, then try again");
  }
  return real_disk()->remove(file);
}

}  // namespace

Result<std::string> needed_program(const std::string& name, const Places& places) {
  if (auto program = find_program(name, places)) return *program;
  // Not every system has pip under both names.
  if (name == "pip3")
    if (auto program = find_program("pip", places)) return *program;
  std::string package = name;
  for (const Source& source : kSources)
    if (name == source.program) package = source.package;
  return fail(Code::kFailed, "the program " + name + " is needed", "PATH has none",
              "apt install " + package + " (Debian, Ubuntu) or dnf install " + package +
                  " (Fedora); or on another host: weir setup --bundle FILE, and here --from FILE");
}

Status fetch(const Software& software, const std::string& work, const std::string& tree,
             const Surroundings& around) {
  // All that is missing is said before anything is downloaded.
  WEIR_TRY(find_java(software.java_minimum, around.places));
  WEIR_TRY(needed_program("mvn", around.places));
  if (software.archive) {
    WEIR_TRY(needed_program("pip3", around.places));
    WEIR_TRY(needed_program("tar", around.places));
    WEIR_TRY(fetch_archive(software, work, tree, around));
  }
  return fetch_jars(software, work, tree, around);
}

}  // namespace weir::setup
