// A figure as JSON: null where there is none.
#pragma once
#include <nlohmann/json.hpp>
#include <optional>

namespace weir::compare {

inline nlohmann::ordered_json json_number(const std::optional<double>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
}

}  // namespace weir::compare
