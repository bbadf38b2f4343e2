#include "weir/setup/tree.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <vector>

#include "weir/base/sha256.h"
#include "weir/sys/disk.h"

namespace weir::setup {
namespace {

namespace fs = std::filesystem;

constexpr size_t kDigestDigits = 64;
constexpr const char* kFetchAgain = "weir setup with its name fetches it again";

tl::unexpected<Error> spoiled(const std::string& folder, std::string why) {
  return fail(Code::kCorrupt, folder + " is not what weir prepared", std::move(why), kFetchAgain);
}

// Paths of the files under folder/part (all of it when empty), relative to `folder`.
Result<std::vector<std::string>> files_under(const std::string& folder, const std::string& part) {
  std::vector<std::string> files;
  std::error_code error;
  const fs::path root = part.empty() ? fs::path(folder) : fs::path(folder) / part;
  for (fs::recursive_directory_iterator at(root, error), end; !error && at != end;
       at.increment(error)) {
    const auto kind = at->symlink_status(error).type();
    const std::string name = at->path().lexically_relative(folder).string();
    if (kind == fs::file_type::regular)
      files.push_back(name);
    else if (kind != fs::file_type::directory)
      return spoiled(folder, name + " is neither a file nor a folder");
  }
  if (error) return tl::unexpected(error_from_errno(error.value(), "list", root.string()));
  return files;
}

// path -> digest of the lines of a manifest.
Result<std::map<std::string, std::string>> parse_manifest(const std::string& folder,
                                                          const std::string& text) {
  std::map<std::string, std::string> files;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    if (end - at <= kDigestDigits + 2) return spoiled(folder, "its SHA256SUMS cannot be read");
    files[text.substr(at + kDigestDigits + 2, end - at - kDigestDigits - 2)] =
        text.substr(at, kDigestDigits);
    at = end + 1;
  }
  return files;
}

Result<std::map<std::string, std::string>> expected_files(const std::string& folder,
                                                          const std::string& manifest_sha256) {
  const auto text = real_disk()->read(folder + "/" + kManifest);
  if (!text) return spoiled(folder, std::string(kManifest) + " cannot be read in it");
  if (sha256_hex(*text) != manifest_sha256)
    return spoiled(folder, std::string(kManifest) + " in it is not the one this weir knows");
  return parse_manifest(folder, *text);
}

}  // namespace

Result<std::string> manifest_of(const std::string& folder) {
  auto files = WEIR_TRY(files_under(folder, ""));
  std::erase(files, kManifest);
  std::sort(files.begin(), files.end());
  std::string text;
  for (const std::string& file : files)
    text += WEIR_TRY(sha256_of_file(*real_disk(), folder + "/" + file)) + "  " + file + "\n";
  return text;
}

Status look_at_tree(const std::string& folder, const std::string& manifest_sha256) {
  const auto expected = WEIR_TRY(expected_files(folder, manifest_sha256));
  const auto disk = real_disk();
  for (const auto& [file, digest] : expected)
    if (!disk->exists(folder + "/" + file)) return spoiled(folder, file + " is missing in it");
  return {};
}

Status verify_tree(const std::string& folder, const std::string& manifest_sha256) {
  WEIR_TRY(look_at_tree(folder, manifest_sha256));
  const auto expected = WEIR_TRY(expected_files(folder, manifest_sha256));
  std::set<std::string> parts;
  for (const auto& [file, digest] : expected) {
    parts.insert(file.substr(0, file.find('/')));
    const std::string found = WEIR_TRY(sha256_of_file(*real_disk(), folder + "/" + file));
    if (found != digest) return spoiled(folder, file + " has SHA-256 " + found + ", not " + digest);
  }
  for (const std::string& part : parts) {
    if (!fs::is_directory(fs::symlink_status(folder + "/" + part))) continue;
    for (const std::string& file : WEIR_TRY(files_under(folder, part)))
      if (!expected.contains(file)) return spoiled(folder, file + " does not belong there");
  }
  return {};
}

Result<std::vector<std::string>> checked_parts(const std::string& folder) {
  const auto text = WEIR_TRY(real_disk()->read(folder + "/" + kManifest));
  std::set<std::string> parts = {kManifest};
  for (const auto& [file, digest] : WEIR_TRY(parse_manifest(folder, text)))
    parts.insert(file.substr(0, file.find('/')));
  return std::vector<std::string>(parts.begin(), parts.end());
}

int64_t bytes_under(const std::string& folder) {
  int64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    std::error_code ignored;
    if (at->symlink_status(ignored).type() == fs::file_type::regular)
      bytes += int64_t(at->file_size(ignored));
  }
  return bytes;
}

}  // namespace weir::setup
