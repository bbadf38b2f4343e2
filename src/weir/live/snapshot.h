// The board as JSON, for the live page: docs/live.md lists its fields. Pure functions.
#pragma once
#include <string>

#include "weir/live/board.h"

namespace weir::live {

// One object without line breaks. Points are columns of equal length.
std::string snapshot_json(const View& view);

// "keeps up at 300 k ev/s, falls behind at 400 k ev/s"; empty while nothing is judged.
std::string verdict_so_far(const View& view);

}  // namespace weir::live
