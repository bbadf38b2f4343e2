// A folder of prepared software, and how it is known to be whole.
//
// It holds SHA256SUMS, a list that `sha256sum -c` reads: one line "<digest>  <path>" for each file,
// in the order of the paths' bytes. The digest of that list is compiled into weir, so every byte of
// the folder is. Top-level folders that the list does not know (Spark's own work/ and logs/) are
// left alone.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "weir/base/result.h"

namespace weir::setup {

inline constexpr const char* kManifest = "SHA256SUMS";

// The list for all files under `folder`. kCorrupt when something is neither file nor folder.
Result<std::string> manifest_of(const std::string& folder);

// Holds a folder against its SHA256SUMS, and that against `manifest_sha256`. kCorrupt, naming the
// file, when one differs, is missing or is not listed.
Status verify_tree(const std::string& folder, const std::string& manifest_sha256);

// The same without reading the files: their list is the expected one and all of them are there.
Status look_at_tree(const std::string& folder, const std::string& manifest_sha256);

// The names at the top of a whole tree that its list knows, and the list itself; sorted.
Result<std::vector<std::string>> checked_parts(const std::string& folder);

// Bytes of all files under `folder`.
int64_t bytes_under(const std::string& folder);

}  // namespace weir::setup
