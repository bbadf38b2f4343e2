// The steps that a run had finished when it broke off: going on, it takes them instead of measuring
// again. A run does the same steps in the same order from the same plan, so a step is known by its
// label and its turn. Home thread: one.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/result.h"
#include "weir/run/folder.h"

namespace weir::lab {

// Why a step that an interruption cut short says nothing.
inline constexpr const char* kInterruptedStep = "the run was interrupted";

class FinishedSteps {
 public:
  FinishedSteps() = default;  // none
  // Those of `folder`. What was not finished, or was cut short, is moved to <folder>/broken.
  static Result<FinishedSteps> collect(const run::Folder& folder);

  bool has(const std::string& label) const;
  // step.json of the earliest one with this label that was not taken yet.
  std::optional<std::string> take(const std::string& label);

 private:
  std::vector<std::pair<std::string, std::string>> steps_;  // label, step.json; in their order
};

}  // namespace weir::lab
