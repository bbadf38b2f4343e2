// Preparing pinned software in the cache, as `weir setup` does it.
//
// A folder appears in the cache whole, by a rename; what is at work lies in staging/ beside it,
// under a lock of the cache, and what an interrupted setup left there is cleared by the next one.
// Calls block; one thread.
#pragma once
#include <functional>
#include <string>

#include "weir/base/result.h"
#include "weir/setup/catalog.h"
#include "weir/setup/places.h"
#include "weir/setup/tools.h"

namespace weir::setup {

struct Surroundings {
  Places places;
  Cancelled cancelled;                           // may be empty
  std::function<void(const std::string&)> tell;  // progress, a line at a time; may be empty
};

// Where it lies once prepared.
std::string folder_of(const Software& software, const Places& places);

// Makes it be there: true when that took work. Fetches with the user's own mvn and pip, whose
// mirrors and settings count. kFailed when a program is missing or a download fails, kCorrupt when
// a download's checksum is another one, kDiskFull, kInterrupted.
Result<bool> prepare(const Software& software, const Surroundings& surroundings);

// The same from a file that write_bundle() made.
Result<bool> prepare_from(const std::string& bundle, const Software& software,
                          const Surroundings& surroundings);

// One tar of the prepared software, checked first. kNotFound when it is not prepared. The file
// appears whole or not at all, and equal software gives equal bytes.
Status write_bundle(const std::string& bundle, const Software& software,
                    const Surroundings& surroundings);

// Removes it from the cache; false when it was not there.
Result<bool> remove(const Software& software, const Surroundings& surroundings);

}  // namespace weir::setup
