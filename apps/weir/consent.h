// Asks before a run uses what is not weir's.
#pragma once
#include <string>

#include "weir/base/result.h"

namespace weir::cli {

// Success when `agreed` is set in advance or a person at the terminal says so. kUsage when there is
// no terminal to ask at, or the answer is anything but yes; `refused` is its first line.
Status ask_consent(
    const std::string& what, bool agreed,
    const std::string& refused = "a run on somebody's cluster needs to be agreed to");

}  // namespace weir::cli
