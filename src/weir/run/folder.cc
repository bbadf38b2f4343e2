#include "weir/run/folder.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <charconv>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "weir/sys/disk.h"

namespace weir::run {
namespace fs = std::filesystem;
namespace {

std::string utc(Nanos instant, const char* format) {
  const time_t seconds = time_t(instant.second());
  tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, format, &parts);
  return text;
}

std::string random_word() {
  static constexpr char kLetters[] = "abcdefghjkmnpqrstuvwxyz23456789";
  std::random_device device;
  std::string word;
  for (int i = 0; i < 4; ++i) word += kLetters[device() % (sizeof kLetters - 1)];
  return word;
}

Status make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error)
    return tl::unexpected(error_from_errno(error.value(), "make the folder", path.string()));
  return {};
}

// Best effort: a run without the link is still whole.
void point_latest_at(const fs::path& folder) {
  std::error_code ignored;
  const fs::path link = folder.parent_path() / "latest";
  if (fs::exists(fs::symlink_status(link, ignored)) && !fs::is_symlink(link, ignored)) return;
  const fs::path fresh = folder.parent_path() / (".latest-" + random_word());
  fs::create_directory_symlink(folder.filename(), fresh, ignored);
  fs::rename(fresh, link, ignored);
}

std::string first_match(const std::string& path, std::string_view key) {
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(key)) continue;
    const size_t at = line.find_first_not_of(" \t:=\"", key.size());
    if (at == std::string::npos) return {};
    line = line.substr(at);
    while (!line.empty() && (line.back() == '"' || line.back() == ' ')) line.pop_back();
    return line;
  }
  return {};
}

std::string first_line(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

bool outside_manifest(const std::string& relative) {
  return relative == "manifest.json" || relative == "report.html" || relative == "undo.jsonl" ||
         relative == "log/undo.log" || relative == "run.lock" || relative.starts_with("figures/") ||
         relative.starts_with("data/");
}

}  // namespace

std::string utc_text(Nanos instant) { return utc(instant, "%Y-%m-%dT%H:%M:%SZ"); }

Result<Folder> Folder::create(const std::string& path, const std::string& experiment, Nanos now) {
  fs::path folder =
      path.empty()
          ? fs::path("runs") / (utc(now, "%Y%m%dT%H%M%SZ") + "-" + experiment + "-" + random_word())
          : fs::path(path);
  std::error_code error;
  folder = fs::absolute(folder, error).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  if (fs::exists(folder, error)) {
    if (!fs::is_directory(folder, error))
      return fail(Code::kUsage, folder.string() + " is not a folder", "a file has that name",
                  "choose another --out");
    if (!fs::is_empty(folder, error))
      return fail(Code::kAlreadyExists, folder.string() + " is not empty",
                  "a run never writes over another", "choose a new folder for --out");
  }
  if (auto made = make_folder(folder / "steps"); !made) return tl::unexpected(made.error());
  if (auto made = make_folder(folder / "log"); !made) return tl::unexpected(made.error());
  if (access(folder.c_str(), W_OK) != 0)
    return tl::unexpected(error_from_errno(errno, "write to", folder.string()));
  Folder made(folder.string());
  WEIR_TRY(made.lock());
  point_latest_at(folder);
  return made;
}

Status Folder::lock() {
  auto held = real_disk()->lock(path_ + "/run.lock");
  if (!held && held.error().code == Code::kUsage)
    return fail(Code::kUsage, "the run at " + path_ + " still goes on",
                "its process holds run.lock", "wait until it has ended, or stop it");
  if (!held) return tl::unexpected(held.error());
  lock_ = std::move(*held);
  return {};
}

Result<Folder> Folder::open(const std::string& path) {
  std::error_code error;
  fs::path folder = fs::canonical(path, error);
  if (error || !fs::is_directory(folder, error))
    return fail(Code::kNotFound, "no run at " + path, "there is no such folder",
                "name a folder that weir run wrote, for example runs/latest");
  if (!fs::exists(folder / "result.json", error))
    return fail(Code::kNotFound, path + " is not a run", "it holds no result.json",
                "name a folder that weir run wrote, for example runs/latest");
  return Folder(folder.string());
}

int step_number(const std::string& name) {
  int number = 0;
  std::from_chars(name.data(), name.data() + name.size(), number);
  return number;
}

Result<Folder> Folder::resume(const std::string& path) {
  Folder folder = WEIR_TRY(open(path));
  WEIR_TRY(folder.lock());
  if (access(folder.path_.c_str(), W_OK) != 0)
    return tl::unexpected(error_from_errno(errno, "write to", folder.path_));
  std::error_code error;
  for (const char* part : {"steps", "broken"})
    for (fs::directory_iterator at(folder.path_ + "/" + part, error), end; !error && at != end;
         at.increment(error))
      folder.steps_ = std::max(folder.steps_, step_number(at->path().filename().string()));
  for (const char* stale : {"manifest.json", "report.html"})
    fs::remove(fs::path(folder.path_) / stale, error);
  fs::remove_all(folder.data_path(), error);
  return folder;
}

std::string Folder::id() const { return fs::path(path_).filename().string(); }

Result<std::string> Folder::begin_step(const std::string& label) {
  char number[16];
  std::snprintf(number, sizeof number, "%02d", ++steps_);
  const fs::path folder = fs::path(path_) / "steps" / (std::string(number) + "-" + label);
  if (auto made = make_folder(folder); !made) return tl::unexpected(made.error());
  return folder.string();
}

std::string Folder::log_path(const std::string& process) const {
  return path_ + "/log/" + process + ".log";
}

Status Folder::write(const std::string& relative, std::string_view bytes) const {
  return real_disk()->write_whole(path_ + "/" + relative, bytes);
}

Result<std::string> Folder::read(const std::string& relative) const {
  return real_disk()->read(path_ + "/" + relative);
}

Result<std::string> Folder::sha256_of(const std::string& relative) const {
  return sha256_of_file(*real_disk(), path_ + "/" + relative);
}

Result<std::vector<std::string>> Folder::files() const {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::recursive_directory_iterator at(path_, error), end; !error && at != end;
       at.increment(error)) {
    const std::string relative = at->path().lexically_relative(path_).string();
    if (at->is_directory(error)) {
      if (relative == "data" || relative == "figures") at.disable_recursion_pending();
    } else if (!outside_manifest(relative)) {
      found.push_back(relative);
    }
  }
  if (error) return tl::unexpected(error_from_errno(error.value(), "list", path_));
  std::sort(found.begin(), found.end());
  return found;
}

Status Folder::seal() const {
  std::error_code ignored;
  fs::remove(fs::path(path_) / "run.lock", ignored);  // held until this process lets go of it
  nlohmann::ordered_json manifest;
  manifest["schema"] = "weir.manifest/1";
  manifest["sha256"] = nlohmann::ordered_json::object();
  for (const auto& name : WEIR_TRY(files())) manifest["sha256"][name] = WEIR_TRY(sha256_of(name));
  return write("manifest.json", manifest.dump(1) + "\n");
}

std::string machine_json(const std::string& weir_version, const std::string& data_folder) {
  nlohmann::ordered_json machine;
  utsname kernel{};
  uname(&kernel);
  machine["schema"] = "weir.machine/1";
  machine["weir"] = weir_version;
  machine["cpu"] = first_match("/proc/cpuinfo", "model name");
  machine["cores"] = sysconf(_SC_NPROCESSORS_ONLN);
  machine["memory_bytes"] = int64_t(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
  machine["kernel"] = std::string(kernel.release);
  machine["distribution"] = first_match("/etc/os-release", "PRETTY_NAME");
  machine["clock_source"] =
      first_line("/sys/devices/system/clocksource/clocksource0/current_clocksource");
  machine["cpu_governor"] = first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  struct statvfs space {};
  if (statvfs(data_folder.c_str(), &space) == 0) {
    machine["disk_free_bytes"] = uint64_t(space.f_bavail) * space.f_frsize;
    machine["disk_bytes"] = uint64_t(space.f_blocks) * space.f_frsize;
  }
  return machine.dump(1) + "\n";
}

}  // namespace weir::run
