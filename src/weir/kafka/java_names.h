// What the settings of Kafka's Java clients are called in librdkafka, as tables.
#pragma once
#include <string>
#include <vector>

namespace weir::kafka {

// librdkafka's name for a Java setting that it has under another one; null when there is none.
const char* renamed(const std::string& java);

// Why a setting that only Java's clients have is left out; "" when leaving it out changes nothing
// that a person would miss; null for any other name.
const char* java_only(const std::string& java);

// Settings that are read together: trust store, key store, login module.
bool is_store_setting(const std::string& java);

// All names that can be misspelt.
std::vector<std::string> known_names();

}  // namespace weir::kafka
