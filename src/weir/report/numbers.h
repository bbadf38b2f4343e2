// Numbers and text as pages write them.
#pragma once
#include <string>
#include <string_view>

namespace weir::report {

// Text of HTML and its attributes: & < > " ' replaced.
std::string escape(std::string_view text);

// 12, 950, "50 k", "1.25 M": at most three significant digits, for axes.
std::string short_number(double value);
// 12.3, 1,234,567: `decimals` behind the point, thousands grouped, for tables and sentences.
std::string grouped(double value, int decimals = 0);
// "312 ms", "4.2 ms", "13.5 s": as precise as a reader can use.
std::string milliseconds(double value);
std::string seconds(double value);

}  // namespace weir::report
