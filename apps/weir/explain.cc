// weir explain: what a warning's code or a word of a result means, and what to do about it.
#include <cstdio>

#include "apps/weir/cli.h"
#include "weir/base/nearest.h"
#include "weir/run/glossary.h"

namespace weir::cli {

int explain_command(Arguments arguments) {
  CLI::App app("Says what a warning's code or a word of a result means, and what to do.",
               "weir explain");
  std::vector<std::string> words;
  app.add_option("code", words, "W001, falls_behind, ...; none lists all");
  app.footer(
      "examples:\n"
      "  weir explain W001\n"
      "  weir explain falls behind\n"
      "  jq -r '.warnings[].code' runs/latest/result.json | xargs -n 1 weir explain");
  if (auto done = parse(app, std::move(arguments))) return *done;
  std::string asked;
  for (const auto& word : words) asked += (asked.empty() ? "" : " ") + word;
  if (asked.empty()) {
    for (const auto& term : run::glossary())
      std::printf("%-15s %s\n", term.word.c_str(), term.meaning.c_str());
    return kMet;
  }
  if (const auto* term = run::explain(asked)) {
    std::printf("%s: %s\n  effect: %s\n  try: %s\n", term->word.c_str(), term->meaning.c_str(),
                term->effect.c_str(), term->remedy.c_str());
    return kMet;
  }
  std::vector<std::string> known;
  for (const auto& term : run::glossary()) known.push_back(term.word);
  const std::string close = nearest(asked, known);
  return report(
      Error{Code::kUsage, "nothing is known about " + asked,
            "no warning and no word of a result is called that",
            close.empty() ? "weir explain lists them all" : "did you mean " + close + "?"});
}

}  // namespace weir::cli
