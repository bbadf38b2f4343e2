// How data and text travel inside a page.
#pragma once
#include <string>
#include <string_view>

namespace weir::report {

std::string base64(std::string_view bytes);
// A gzip member without a time stamp: the same bytes for the same text.
std::string gzip(std::string_view text);
// A <script type="application/json" id="weir-data"> with `json`: as it is, for people to read, up
// to 200 KB, else packed as base64 of gzip (data-packed="gzip"). Nothing in it can end the element.
std::string data_element(std::string json);
// The source of a Content-Security-Policy that allows exactly this inline script or style.
std::string csp_hash(std::string_view text);

}  // namespace weir::report
