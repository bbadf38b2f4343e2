#include "weir/lab/finished_steps.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "weir/lab/json_words.h"

namespace weir::lab {
namespace {

namespace fs = std::filesystem;

// The label of a finished step; empty when its step.json does not stand for one.
std::string label_of(const std::string& text) {
  const auto step = nlohmann::json::parse(text, nullptr, false);
  if (!step.is_object() || words_in(step, "reason") == kInterruptedStep) return {};
  return words_in(step, "label");
}

Status move_aside(const run::Folder& folder, const std::string& name) {
  std::error_code error;
  const fs::path broken = fs::path(folder.path()) / "broken";
  fs::create_directories(broken, error);
  if (!error) fs::rename(fs::path(folder.path()) / "steps" / name, broken / name, error);
  if (error) return tl::unexpected(error_from_errno(error.value(), "move aside the step", name));
  return {};
}

}  // namespace

Result<FinishedSteps> FinishedSteps::collect(const run::Folder& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(folder.path() + "/steps", error), end; !error && at != end;
       at.increment(error))
    names.push_back(at->path().filename().string());
  // 100 comes after 99.
  std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    return std::pair(run::step_number(a), a) < std::pair(run::step_number(b), b);
  });
  FinishedSteps finished;
  for (const auto& name : names) {
    const auto text = folder.read("steps/" + name + "/step.json");
    const std::string label = text ? label_of(*text) : "";
    if (label.empty())
      WEIR_TRY(move_aside(folder, name));
    else
      finished.steps_.emplace_back(label, *text);
  }
  return finished;
}

bool FinishedSteps::has(const std::string& label) const {
  return std::any_of(steps_.begin(), steps_.end(),
                     [&label](const auto& step) { return step.first == label; });
}

std::optional<std::string> FinishedSteps::take(const std::string& label) {
  for (auto at = steps_.begin(); at != steps_.end(); ++at)
    if (at->first == label) {
      std::string text = std::move(at->second);
      steps_.erase(at);
      return text;
    }
  return std::nullopt;
}

}  // namespace weir::lab
