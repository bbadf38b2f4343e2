// The files that pages are made of, as they stand in third_party/uplot and report/page, embedded
// when weir is built.
#pragma once
#include <string_view>

namespace weir::report {

extern const std::string_view kUplotJs, kUplotCss;    // uPlot as published
extern const std::string_view kFigureJs, kFigureCss;  // draws figures; colours, light and dark
extern const std::string_view kPageJs, kPageCss;      // of the report alone

}  // namespace weir::report
