#include "weir/setup/install.h"

#include <filesystem>
#include <memory>

#include "weir/base/sha256.h"
#include "weir/setup/fetch.h"
#include "weir/setup/tree.h"
#include "weir/sys/clock.h"
#include "weir/sys/disk.h"
#include "weir/sys/log_tail.h"

namespace weir::setup {
namespace {

constexpr Nanos kLockLook = nanos_from_millis(100);

Status not_cancelled(const Surroundings& around) {
  if (!around.cancelled || !around.cancelled()) return {};
  return fail(Code::kInterrupted, "interrupted", "setup was stopped", "the same command again");
}

// The cache's lock; waits for another setup to end.
Result<std::unique_ptr<FileLock>> lock_cache(const Surroundings& around) {
  const std::string path = around.places.cache + "/lock";
  WEIR_TRY(real_disk()->make_folders(around.places.cache));
  SystemClock clock(Anchor::take());
  bool told = false;
  for (;;) {
    auto lock = real_disk()->lock(path);
    if (lock || lock.error().code != Code::kUsage) return lock;
    if (!told && around.tell) around.tell("another weir setup is at work in this cache, waiting");
    told = true;
    WEIR_TRY(not_cancelled(around));
    clock.sleep_until(clock.now() + kLockLook);
  }
}

// An empty folder for the work, cleared of what an interrupted setup left.
Result<std::string> fresh_staging(const Places& places) {
  const std::string staging = places.cache + "/staging";
  WEIR_TRY(real_disk()->remove_all(staging));
  WEIR_TRY(real_disk()->make_folders(staging));
  return staging;
}

Status enough_room(const Software& software, int64_t bytes, const Places& places) {
  std::error_code error;
  const auto space = std::filesystem::space(places.cache, error);
  if (error || int64_t(space.available) > bytes) return {};
  constexpr int64_t kMegabyte = 1'000'000;
  return fail(Code::kDiskFull, "cannot prepare " + software.title,
              "it takes " + std::to_string(bytes / kMegabyte) + " MB while at work, " +
                  places.cache + " has " + std::to_string(space.available / kMegabyte),
              "free some, or name another folder with --cache or WEIR_CACHE");
}

// Moves a checked tree to its place.
Status put_in_place(const Software& software, const std::string& tree, const Places& places) {
  const std::string folder = folder_of(software, places);
  WEIR_TRY(real_disk()->sync_folder(tree));
  // A folder that was spoiled may stand there.
  WEIR_TRY(real_disk()->remove_all(folder));
  WEIR_TRY(real_disk()->rename(tree, folder));
  return real_disk()->sync_folder(places.cache);
}

Status seal(const Software& software, const std::string& tree) {
  const std::string manifest = WEIR_TRY(manifest_of(tree));
  if (sha256_hex(manifest) != software.manifest_sha256)
    return fail(Code::kCorrupt, "the files of " + software.title + " are not those expected",
                "each download was right, but what was unpacked from them differs",
                "look whether disk or tar are at fault, then try again");
  return real_disk()->write_whole(tree + "/" + kManifest, manifest);
}

// Runs `work(staging, tree)`, which fills the folder `tree`, unless the software is there.
template <class Work>
Result<bool> unless_prepared(const Software& software, const Surroundings& around, Work work) {
  const auto lock = WEIR_TRY(lock_cache(around));
  const std::string folder = folder_of(software, around.places);
  if (verify_tree(folder, software.manifest_sha256)) return false;
  const std::string staging = WEIR_TRY(fresh_staging(around.places));
  const std::string tree = staging + "/" + software.folder();
  Status done = work(staging, tree);
  if (done) done = not_cancelled(around);
  if (done) done = put_in_place(software, tree, around.places);
  // The lock's file stays: a lock on a removed file would be none.
  const Status cleared = real_disk()->remove_all(staging);
  WEIR_TRY(std::move(done));
  WEIR_TRY(Status(cleared));
  return true;
}

}  // namespace

std::string folder_of(const Software& software, const Places& places) {
  return places.cache + "/" + software.folder();
}

Result<bool> prepare(const Software& software, const Surroundings& around) {
  return unless_prepared(
      software, around, [&](const std::string& staging, const std::string& tree) -> Status {
        // pip keeps its download and an unpacked copy of it beside what weir unpacks.
        WEIR_TRY(enough_room(software, 2 * software.download_bytes + software.prepared_bytes,
                             around.places));
        WEIR_TRY(real_disk()->make_folders(tree));
        WEIR_TRY(fetch(software, staging, tree, around));
        return seal(software, tree);
      });
}

Result<bool> prepare_from(const std::string& bundle, const Software& software,
                          const Surroundings& around) {
  if (!real_disk()->exists(bundle))
    return fail(Code::kNotFound, "cannot read the bundle " + bundle, "there is no such file",
                "weir setup " + software.name + " --bundle FILE makes one where there is internet");
  return unless_prepared(
      software, around, [&](const std::string& staging, const std::string& tree) -> Status {
        const std::string tar = WEIR_TRY(needed_program("tar", around.places));
        WEIR_TRY(enough_room(software, software.prepared_bytes, around.places));
        if (around.tell) around.tell("unpacking " + bundle);
        const auto outcome = WEIR_TRY(
            run_tool({tar, "-xf", bundle, "--no-same-owner", "-C", staging, software.folder()}, {},
                     around.places, around.cancelled));
        if (outcome.status != 0)
          return fail(Code::kUsage,
                      bundle + " is no bundle of " + software.title + " " + software.version,
                      "tar: " + last_lines(outcome.text, 2),
                      "weir setup " + software.name + " --bundle FILE makes one, with this weir");
        return verify_tree(tree, software.manifest_sha256);
      });
}

Status write_bundle(const std::string& bundle, const Software& software,
                    const Surroundings& around) {
  const auto lock = WEIR_TRY(lock_cache(around));
  const std::string folder = folder_of(software, around.places);
  if (!real_disk()->exists(folder))
    return fail(Code::kNotFound, software.title + " " + software.version + " is not prepared",
                "there is no " + folder, "weir setup " + software.name + " first");
  WEIR_TRY(verify_tree(folder, software.manifest_sha256));
  const std::string tar = WEIR_TRY(needed_program("tar", around.places));
  const std::string temporary = bundle + ".tmp";
  std::vector<std::string> arguments = {
      tar,         "-cf",       temporary,         "--sort=name", "--mtime=@0",
      "--owner=0", "--group=0", "--numeric-owner", "-C",          around.places.cache};
  // Only what is checked: Spark may have left logs of its own beside it.
  for (const std::string& name : WEIR_TRY(checked_parts(folder)))
    arguments.push_back(software.folder() + "/" + name);
  const auto outcome = WEIR_TRY(run_tool(arguments, {}, around.places, around.cancelled));
  if (outcome.status != 0) {
    WEIR_TRY(real_disk()->remove(temporary));
    return fail(Code::kFailed, "cannot write " + bundle, "tar: " + last_lines(outcome.text, 2),
                "free disk space, or name a file in another folder");
  }
  return real_disk()->rename(temporary, bundle);
}

Result<bool> remove(const Software& software, const Surroundings& around) {
  const auto lock = WEIR_TRY(lock_cache(around));
  const std::string folder = folder_of(software, around.places);
  if (!real_disk()->exists(folder)) return false;
  WEIR_TRY(real_disk()->remove_all(folder));
  return true;
}

}  // namespace weir::setup
