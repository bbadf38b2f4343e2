#include "apps/weir/cli.h"

#include <csignal>
#include <cstdio>

#include "apps/weir/reference.h"
#include "weir/base/nearest.h"

namespace weir::cli {
namespace {
std::atomic<int> last_signal{0}, signal_count{0};

// Flags of the command and of the subcommand that was named.
std::vector<std::string> flags_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* sub : app.get_subcommands())
    for (auto& name : flags_of(*sub)) names.push_back(std::move(name));
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    for (const auto& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

// The verb that a word that is none was meant to be; empty where a command has no verbs.
std::string nearest_verb(const CLI::App& app, const Arguments& arguments) {
  std::vector<std::string> verbs;
  for (const auto* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    verbs.push_back(sub->get_name());
  for (const auto& word : arguments)
    if (!word.starts_with("-")) return nearest(word, verbs);
  return {};
}
}  // namespace

std::optional<int> parse(CLI::App& app, Arguments arguments) {
  if (const auto code = answer_hidden(app, arguments)) return code;
  for (auto& a : arguments)
    if (a == "-?") a = "--help";
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  app.allow_extras(false);
  try {
    app.parse(reversed);
    return std::nullopt;
  } catch (const CLI::CallForHelp&) {
    std::fputs(app.help().c_str(), stdout);
    return kMet;
  } catch (const CLI::ExtrasError&) {
    std::string word;
    for (const auto& extra : app.remaining(true))
      if (word.empty() || (extra.starts_with("-") && !word.starts_with("-"))) word = extra;
    const std::string bare = word.substr(0, word.find('='));
    std::string close = nearest(bare, flags_of(app));
    if (!bare.starts_with("-")) close = nearest_verb(app, arguments);
    return report(Error{Code::kUsage,
                        (bare.starts_with("-") ? "unknown flag " : "unexpected argument ") + bare,
                        app.get_name() + " does not know it",
                        close.empty() ? app.get_name() + " --help lists what it takes"
                                      : "did you mean " + close + "?"});
  } catch (const CLI::ParseError& error) {
    const std::string close = nearest_verb(app, arguments);
    return report(Error{Code::kUsage, error.what(), "the command line could not be read",
                        close.empty() ? app.get_name() + " --help shows examples"
                                      : "did you mean " + app.get_name() + " " + close + "?"});
  }
}

int report(const Error& error) {
  std::fprintf(stderr, "weir: %s\n", to_text(error).c_str());
  switch (error.code) {
    case Code::kUsage:
    case Code::kNotFound:
    case Code::kAlreadyExists:
    case Code::kUnreachable:
      return kUsage;
    default:
      return kFailed;
  }
}

void watch_interrupts() {
  struct sigaction action {};
  action.sa_handler = [](int number) {
    last_signal = number;
    ++signal_count;
  };
  sigemptyset(&action.sa_mask);
  for (int number : {SIGINT, SIGTERM, SIGHUP}) sigaction(number, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}
int interrupted() { return last_signal; }
int interrupt_count() { return signal_count; }

}  // namespace weir::cli
