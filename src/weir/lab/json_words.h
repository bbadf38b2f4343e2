// Words that JSON files of a run hold.
#pragma once
#include <string>

namespace weir::lab {

// The text at `key` of an nlohmann::json or ordered_json; empty where there is none.
template <class Json>
std::string words_in(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->template get<std::string>() : "";
}

}  // namespace weir::lab
