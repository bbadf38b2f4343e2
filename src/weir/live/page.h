// The live page: one document that carries its own style and script and asks no other host.
#pragma once
#include <string>

namespace weir::live {

std::string page();

}  // namespace weir::live
