// The stable words of results: warning codes and verdicts, each with its meaning and what to do.
// `weir explain`, the report and the reference page take them from here.
#pragma once
#include <string>
#include <vector>

namespace weir::run {

struct Term {
  std::string word;  // "W001", "falls_behind"
  std::string meaning, effect, remedy;
};

// Warnings first, by code; then verdicts and the words of audits and faults.
const std::vector<Term>& glossary();

// The term, whatever its case, "falls behind" for falls_behind too; null when there is none.
const Term* explain(const std::string& word);

}  // namespace weir::run
