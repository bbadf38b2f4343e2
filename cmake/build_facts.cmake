# Writes build_facts.cc: how this program was built. Run at each build (cmake -P); the file is only
# touched when something changed, so that nothing is linked again for nothing.
execute_process(COMMAND git -c safe.directory=* rev-parse --short=12 HEAD
                WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE commit ERROR_QUIET
                OUTPUT_STRIP_TRAILING_WHITESPACE)
file(CONFIGURE OUTPUT ${OUT} CONTENT [[
#include "apps/weir/build_facts.h"
namespace weir {
const char* const kBuildCommit = "@commit@";
const char* const kBuildFlags = "@FLAGS@";
const char* const kBuildSystem = "@SYSTEM@";
}  // namespace weir
]] @ONLY)
