// Candidates for the shell, from a command's option tree.
#include <algorithm>

#include "apps/weir/reference.h"
#include "weir/lab/plan_keys.h"

namespace weir::cli {
namespace {

constexpr const char* kFiles = ":files\n";

struct Candidate {
  std::string word, description;
};

// The members of "TEXT:{a,b}", which CLI11 writes into the type's name.
std::vector<Candidate> listed_values(const CLI::Option& option) {
  std::vector<Candidate> found;
  const std::string type = option.get_type_name();
  const size_t open = type.find('{'), close = type.find('}');
  if (open == std::string::npos || close == std::string::npos) return found;
  for (const auto& word : CLI::detail::split(type.substr(open + 1, close - open - 1), ','))
    found.push_back({word, ""});
  return found;
}

std::vector<Candidate> plan_keys() {
  std::vector<Candidate> found;
  for (const auto& key : lab::plan_keys()) found.push_back({key.path + "=", key.meaning});
  return found;
}

// Words that a flag or positional takes and that no validator lists.
std::vector<Candidate> known_values(const CLI::App& app, const CLI::Option& option) {
  const std::string name = option.get_lnames().empty() ? option.get_name() : option.get_lnames()[0];
  if (name == "set") return plan_keys();
  if (name == "engine")
    return {{"native", "weir stream"},
            {"spark", "Apache Spark over Spark Connect"},
            {"seed", "the origin's way: a PySpark job, four passes"},
            {"external", "a command of yours"}};
  if (name == "bootstrap-server" && app.get_name().starts_with("weir run"))
    return {{"embedded", "weir broker"}, {"apache", "Apache Kafka from weir setup"}};
  if (name == "json") return {{"-", "to stdout"}};
  if (name == "experiment")
    return {{"load", "the sustainable rate"},
            {"scale", "partitions and workers"},
            {"faults", "what a failure costs"},
            {"all", "the three experiments"}};
  return {};
}

std::string first_sentence(std::string text) {
  return text.substr(0, std::min(text.find('\n'), text.find(". ")));
}

std::string lines_of(const std::vector<Candidate>& candidates, const std::string& prefix,
                     const std::string& begin = "") {
  std::string text;
  for (const auto& [word, description] : candidates)
    if (word.starts_with(prefix)) text += begin + word + "\t" + first_sentence(description) + "\n";
  return text;
}

// Numbers are nothing a shell could offer; any other open text may be a path.
std::string values(const CLI::App& app, const CLI::Option& option, const std::string& prefix,
                   const std::string& begin = "") {
  auto candidates = listed_values(option);
  const bool closed = !candidates.empty();
  if (!closed) candidates = known_values(app, option);
  std::string text = lines_of(candidates, prefix, begin);
  const bool path = option.get_type_name().starts_with("TEXT") && !closed &&
                    (candidates.empty() || option.get_positional());
  return path ? text + kFiles : text;
}

std::string flags(const CLI::App& app, const std::string& prefix) {
  std::vector<Candidate> found;
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames())
      found.push_back({"--" + name, option->get_description()});
    if (option->get_lnames().empty())
      for (const auto& name : option->get_snames())
        found.push_back({"-" + name, option->get_description()});
  }
  return lines_of(found, prefix);
}

const CLI::Option* flag_named(const CLI::App& app, const std::string& word) {
  for (const auto* option : app.get_options())
    if (!word.empty() && word[0] == '-' && option->check_name(word)) return option;
  return nullptr;
}

}  // namespace

std::string completions(const CLI::App& root, const Arguments& words) {
  const CLI::App* app = &root;
  const CLI::Option* pending = nullptr;
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    if (pending != nullptr) {
      pending = nullptr;
    } else if (const auto* flag = flag_named(*app, words[i])) {
      if (flag->get_items_expected_max() > 0) pending = flag;
    } else {
      for (const auto* sub : app->get_subcommands([](const CLI::App*) { return true; }))
        if (sub->check_name(words[i])) app = sub;
    }
  }
  const std::string current = words.empty() ? "" : words.back();
  if (pending != nullptr) return values(*app, *pending, current);
  if (const size_t equals = current.find('='); current[0] == '-' && equals != std::string::npos) {
    const auto* flag = flag_named(*app, current.substr(0, equals));
    if (flag == nullptr) return "";
    return values(*app, *flag, current.substr(equals + 1), current.substr(0, equals + 1));
  }
  if (current.starts_with("-")) return flags(*app, current);
  std::vector<Candidate> subcommands;
  for (const auto* sub : app->get_subcommands([](const CLI::App*) { return true; }))
    subcommands.push_back({sub->get_name(), sub->get_description()});
  std::string text = lines_of(subcommands, current);
  for (const auto* option : app->get_options())
    if (option->get_positional()) text += values(*app, *option, current);
  return text;
}

}  // namespace weir::cli
