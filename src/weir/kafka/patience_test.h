// How long tests wait for what must come.
#pragma once
#include <chrono>

namespace weir::kafka {

inline constexpr auto kPatience = std::chrono::seconds(30);

}  // namespace weir::kafka
