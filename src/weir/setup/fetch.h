// Downloads through the user's own package programs: mvn for jars, pip for a source archive.
#pragma once
#include <string>

#include "weir/base/result.h"
#include "weir/setup/catalog.h"
#include "weir/setup/install.h"

namespace weir::setup {

// Downloads what `software` is made of under `work` and puts it together in the empty folder
// `tree`. Each download is held against its pin before it is used.
Status fetch(const Software& software, const std::string& work, const std::string& tree,
             const Surroundings& surroundings);

// kFailed with how to get it when a program that fetch() or a bundle needs is missing.
Result<std::string> needed_program(const std::string& name, const Places& places);

}  // namespace weir::setup
