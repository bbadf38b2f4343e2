// Reads a properties file as java.util.Properties does, so that the file that Kafka's own tools
// take with --command-config means the same here.
//
// Format: the documentation of java.util.Properties.load(InputStream): lines end with LF, CR or
// CRLF; blank lines and those that begin with # or ! are skipped; an odd number of backslashes at
// the end joins the next line without its leading blanks; a key ends at the first unescaped =, : or
// blank; \t \n \r \f and \uXXXX (UTF-16) are characters, any other escaped character is itself.
// Bytes are Latin-1. A later key replaces an earlier one.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "weir/base/result.h"

namespace weir::kafka {

using Properties = std::map<std::string, std::string>;

// Keys and values as UTF-8. kUsage names `name` and the line when a \u escape is malformed.
Result<Properties> read_java_properties(std::string_view text, const std::string& name);

// One line per property that read_java_properties() reads back; pure ASCII.
std::string java_properties_text(const Properties& properties);

}  // namespace weir::kafka
