// The nearest known word to a misspelt one, for "did you mean".
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace weir {
// The candidate with the least edit distance (Levenshtein) to `word`, if that is at most a third of
// the word's length (at least 2); else empty.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);
}  // namespace weir
