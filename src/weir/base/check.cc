#include "weir/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace weir {
void check_failed(const char* file, int line, const char* condition, const std::string& operands) {
  std::fprintf(stderr, "weir bug: %s:%d: check failed: %s%s\n", file, line, condition,
               operands.c_str());
  std::fflush(stderr);
  std::abort();
}
}  // namespace weir
