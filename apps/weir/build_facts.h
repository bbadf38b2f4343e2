// How this program was built; the values are written by cmake/build_facts.cmake at each build.
#pragma once

namespace weir {
extern const char* const kBuildCommit;  // empty where it was not built from a git checkout
extern const char* const kBuildFlags;
extern const char* const kBuildSystem;  // "Debian GNU/Linux 12 (bookworm), x86_64"
}  // namespace weir
