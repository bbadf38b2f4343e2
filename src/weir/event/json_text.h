// Appends JSON strings and numbers as Jackson and Java print them, so that a projection reads the
// same whether Spark or weir wrote it.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

// `text` (UTF-8) in quotes. Escaped: quote, backslash and control characters (\b \t \n \f \r, the
// others as \u00XX); everything else as it is.
void append_json_string(std::string_view text, std::string& out);

void append_json_number(int64_t number, std::string& out);

// Java's Double.toString (JDK 19 and later, the shortest digits that read back): 12.3,
// 100.0, 1.0E7, 1.0E-4. `number` is finite.
void append_json_number(double number, std::string& out);

}  // namespace weir
