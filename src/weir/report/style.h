// The page's one style sheet: light, dark and print.
#pragma once

namespace weir::report {
extern const char* const kStyle;
}  // namespace weir::report
